// XXH3, 128 bits, seed 0, of texts of up to 1,024 octets: the hash of an id in a corpus's index. Written after the algorithm's
// public description.

export const LONGEST = 1024; // octets; ids have up to 529

const SECRET = Buffer.from(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f" +
  "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c" +
  "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8" +
  "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364" +
  "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e" +
  "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e", "hex");
const P1 = 0x9e3779b185ebca87n, P2 = 0xc2b2ae3d27d4eb4fn, P3 = 0x165667b19e3779f9n, P4 = 0x85ebca77c2b2ae63n,
  P5 = 0x27d4eb2f165667c5n;
const P32_1 = 0x9e3779b1n, P32_2 = 0x85ebca77n, P32_3 = 0xc2b2ae3dn;
const M = (1n << 64n) - 1n, M32 = (1n << 32n) - 1n;

const u32 = (data, at) => BigInt(data.readUInt32LE(at));
const u64 = (data, at) => data.readBigUInt64LE(at);
const flip = (at) => u64(SECRET, at) ^ u64(SECRET, at + 8);

function swap(value, octets) {
  let swapped = 0n;
  for (let i = 0; i < octets; i++, value >>= 8n) swapped = (swapped << 8n) | (value & 255n);
  return swapped;
}

function avalanche(value) {
  value = ((value ^ (value >> 37n)) * 0x165667919e3779f9n) & M;
  return value ^ (value >> 32n);
}

function avalanche64(value) {
  value = ((value ^ (value >> 33n)) * P2) & M;
  value = ((value ^ (value >> 29n)) * P3) & M;
  return value ^ (value >> 32n);
}

function fold(a, b) {
  const product = a * b;
  return (product ^ (product >> 64n)) & M;
}

function upTo3(data) {
  const size = data.length;
  const low = (BigInt(data[0]) << 16n) | (BigInt(data[size >> 1]) << 24n) | BigInt(data[size - 1]) | (BigInt(size) << 8n);
  let high = swap(low, 4);
  high = ((high << 13n) | (high >> 19n)) & M32;
  return [avalanche64(low ^ u32(SECRET, 0) ^ u32(SECRET, 4)), avalanche64(high ^ u32(SECRET, 8) ^ u32(SECRET, 12))];
}

function upTo8(data) {
  const size = data.length;
  const keyed = (u32(data, 0) | (u32(data, size - 4) << 32n)) ^ flip(16);
  const product = keyed * (P1 + (BigInt(size) << 2n));
  let low = product & M, high = (product >> 64n) & M;
  high = (high + (low << 1n)) & M;
  low ^= high >> 3n;
  low = ((low ^ (low >> 35n)) * 0x9fb21c651e98df25n) & M;
  return [low ^ (low >> 28n), avalanche(high)];
}

function upTo16(data) {
  const size = data.length, first = u64(data, 0);
  let last = u64(data, size - 8), product = (first ^ last ^ flip(32)) * P1;
  let low = product & M, high = (product >> 64n) & M;
  low = (low + (BigInt(size - 1) << 54n)) & M;
  last ^= flip(48);
  high = (high + last + (last & M32) * (P32_2 - 1n)) & M;
  low ^= swap(high, 8);
  product = low * P2;
  return [avalanche(product & M), avalanche(((product >> 64n) + high * P2) & M)];
}

const mix16 = (data, at, secret) => fold(u64(data, at) ^ u64(SECRET, secret), u64(data, at + 8) ^ u64(SECRET, secret + 8));

function mix32([low, high], data, one, other, secret) {
  return [((low + mix16(data, one, secret)) & M) ^ ((u64(data, other) + u64(data, other + 8)) & M),
    ((high + mix16(data, other, secret + 16)) & M) ^ ((u64(data, one) + u64(data, one + 8)) & M)];
}

const mergeMiddle = ([low, high], size) =>
  [avalanche((low + high) & M), -avalanche((low * P1 + high * P4 + size * P2) & M) & M];

function upTo128(data) {
  const size = data.length;
  let pair = [(BigInt(size) * P1) & M, 0n];
  for (let i = (size - 1) >> 5; i >= 0; i--) pair = mix32(pair, data, 16 * i, size - 16 * i - 16, 32 * i);
  return mergeMiddle(pair, BigInt(size));
}

function upTo240(data) {
  const size = data.length;
  let pair = [(BigInt(size) * P1) & M, 0n];
  for (let i = 0; i < 4; i++) pair = mix32(pair, data, 32 * i, 32 * i + 16, 32 * i);
  pair = pair.map(avalanche);
  for (let i = 4; i < size >> 5; i++) pair = mix32(pair, data, 32 * i, 32 * i + 16, 3 + 32 * (i - 4));
  return mergeMiddle(mix32(pair, data, size - 16, size - 32, 136 - 17 - 16), BigInt(size));
}

function accumulate(acc, data, at, secret) {
  for (let i = 0; i < 8; i++) {
    const value = u64(data, at + 8 * i), key = value ^ u64(SECRET, secret + 8 * i);
    acc[i ^ 1] = (acc[i ^ 1] + value) & M;
    acc[i] = (acc[i] + (key & M32) * (key >> 32n)) & M;
  }
}

function mergeLong(acc, secret, start) {
  for (let i = 0; i < 8; i += 2)
    start += fold(acc[i] ^ u64(SECRET, secret + 8 * i), acc[i + 1] ^ u64(SECRET, secret + 8 * i + 8));
  return avalanche(start & M);
}

function upTo1024(data) {
  const size = data.length, acc = [P32_3, P1, P2, P3, P4, P32_2, P5, P32_1];
  for (let i = 0; i < (size - 1) >> 6; i++) accumulate(acc, data, 64 * i, 8 * i);
  accumulate(acc, data, size - 64, 192 - 64 - 7);
  return [mergeLong(acc, 11, (BigInt(size) * P1) & M), mergeLong(acc, 192 - 64 - 11, ~(BigInt(size) * P2) & M)];
}

/** The hash in canonical form, 16 octets, the most significant first. */
export function xxh3(data) {
  const size = data.length;
  if (size > LONGEST) throw new RangeError("too long to be an id");
  const work = size === 0 ? () => [avalanche64(flip(64)), avalanche64(flip(80))] : size <= 3 ? upTo3 : size <= 8 ? upTo8
    : size <= 16 ? upTo16 : size <= 128 ? upTo128 : size <= 240 ? upTo240 : upTo1024;
  const [low, high] = work(data), hash = Buffer.alloc(16);
  hash.writeBigUInt64BE(high, 0);
  hash.writeBigUInt64BE(low, 8);
  return hash;
}
