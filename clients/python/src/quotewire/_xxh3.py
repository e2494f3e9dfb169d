"""XXH3, 128 bits, seed 0, of texts of up to 1,024 octets: the hash of an id in a corpus's index. Written after the algorithm's
public description."""
import struct
from typing import List

LONGEST = 1024  # octets; ids have up to 529

_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
_P1, _P2, _P3, _P4, _P5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                           0x27D4EB2F165667C5)
_P32_1, _P32_2, _P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
_M = (1 << 64) - 1


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at:at + 4], "little")


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at:at + 8], "little")


def _swap(value: int, octets: int) -> int:
    return int.from_bytes(value.to_bytes(octets, "little"), "big")


def _avalanche(value: int) -> int:
    value = (value ^ value >> 37) * 0x165667919E3779F9 & _M
    return value ^ value >> 32


def _avalanche64(value: int) -> int:
    value = (value ^ value >> 33) * _P2 & _M
    value = (value ^ value >> 29) * _P3 & _M
    return value ^ value >> 32


def _fold(a: int, b: int) -> int:
    product = a * b
    return (product ^ product >> 64) & _M


def _flip(at: int) -> int:
    return _u64(_SECRET, at) ^ _u64(_SECRET, at + 8)


def _up_to_3(data: bytes) -> "tuple[int, int]":
    size = len(data)
    low = data[0] << 16 | data[size >> 1] << 24 | data[-1] | size << 8
    high = _swap(low, 4)
    high = (high << 13 | high >> 19) & 0xFFFFFFFF
    return (_avalanche64(low ^ _u32(_SECRET, 0) ^ _u32(_SECRET, 4)),
            _avalanche64(high ^ _u32(_SECRET, 8) ^ _u32(_SECRET, 12)))


def _up_to_8(data: bytes) -> "tuple[int, int]":
    keyed = (_u32(data, 0) | _u32(data, len(data) - 4) << 32) ^ _flip(16)
    product = keyed * (_P1 + (len(data) << 2))
    low, high = product & _M, product >> 64 & _M
    high = high + (low << 1) & _M
    low ^= high >> 3
    low = (low ^ low >> 35) * 0x9FB21C651E98DF25 & _M
    return low ^ low >> 28, _avalanche(high)


def _up_to_16(data: bytes) -> "tuple[int, int]":
    first, last = _u64(data, 0), _u64(data, len(data) - 8)
    product = (first ^ last ^ _flip(32)) * _P1
    low, high = product & _M, product >> 64 & _M
    low = low + (len(data) - 1 << 54) & _M
    last ^= _flip(48)
    high = high + last + (last & 0xFFFFFFFF) * (_P32_2 - 1) & _M
    low ^= _swap(high, 8)
    product = low * _P2
    return _avalanche(product & _M), _avalanche((product >> 64) + high * _P2 & _M)


def _mix16(data: bytes, at: int, secret: int) -> int:
    return _fold(_u64(data, at) ^ _u64(_SECRET, secret), _u64(data, at + 8) ^ _u64(_SECRET, secret + 8))


def _mix32(low: int, high: int, data: bytes, one: int, other: int, secret: int) -> "tuple[int, int]":
    low = (low + _mix16(data, one, secret) & _M) ^ (_u64(data, other) + _u64(data, other + 8) & _M)
    high = (high + _mix16(data, other, secret + 16) & _M) ^ (_u64(data, one) + _u64(data, one + 8) & _M)
    return low, high


def _merge_middle(low: int, high: int, size: int) -> "tuple[int, int]":
    return (_avalanche(low + high & _M), -_avalanche(low * _P1 + high * _P4 + size * _P2 & _M) & _M)


def _up_to_128(data: bytes) -> "tuple[int, int]":
    size = len(data)
    low, high = size * _P1 & _M, 0
    for i in range((size - 1) // 32, -1, -1):
        low, high = _mix32(low, high, data, 16 * i, size - 16 * i - 16, 32 * i)
    return _merge_middle(low, high, size)


def _up_to_240(data: bytes) -> "tuple[int, int]":
    size = len(data)
    low, high = size * _P1 & _M, 0
    for i in range(4):
        low, high = _mix32(low, high, data, 32 * i, 32 * i + 16, 32 * i)
    low, high = _avalanche(low), _avalanche(high)
    for i in range(4, size // 32):
        low, high = _mix32(low, high, data, 32 * i, 32 * i + 16, 3 + 32 * (i - 4))
    low, high = _mix32(low, high, data, size - 16, size - 32, 136 - 17 - 16)
    return _merge_middle(low, high, size)


def _accumulate(acc: List[int], data: bytes, at: int, secret: int) -> None:
    values = struct.unpack_from("<8Q", data, at)
    for i, (value, key) in enumerate(zip(values, struct.unpack_from("<8Q", _SECRET, secret))):
        key ^= value
        acc[i ^ 1] = acc[i ^ 1] + value & _M
        acc[i] = acc[i] + (key & 0xFFFFFFFF) * (key >> 32) & _M


def _merge_long(acc: List[int], secret: int, start: int) -> int:
    for i in range(0, 8, 2):
        start += _fold(acc[i] ^ _u64(_SECRET, secret + 8 * i), acc[i + 1] ^ _u64(_SECRET, secret + 8 * i + 8))
    return _avalanche(start & _M)


def _up_to_1024(data: bytes) -> "tuple[int, int]":
    size = len(data)
    acc = [_P32_3, _P1, _P2, _P3, _P4, _P32_2, _P5, _P32_1]
    for i in range((size - 1) // 64):
        _accumulate(acc, data, 64 * i, 8 * i)
    _accumulate(acc, data, size - 64, 192 - 64 - 7)
    return (_merge_long(acc, 11, size * _P1 & _M), _merge_long(acc, 192 - 64 - 11, ~(size * _P2) & _M))


def xxh3_128(data: bytes) -> bytes:
    """The hash in canonical form, 16 octets, the most significant first."""
    size = len(data)
    if size > LONGEST:
        raise ValueError("too long to be an id")
    if size == 0:
        low, high = _avalanche64(_flip(64)), _avalanche64(_flip(80))
    else:
        work = (_up_to_3 if size <= 3 else _up_to_8 if size <= 8 else _up_to_16 if size <= 16 else
                _up_to_128 if size <= 128 else _up_to_240 if size <= 240 else _up_to_1024)
        low, high = work(data)
    return high.to_bytes(8, "big") + low.to_bytes(8, "big")
