// CRC-32C (Castagnoli), eight octets at a time.

const tables = [new Uint32Array(256)];
for (let value = 0; value < 256; value++) {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  tables[0][value] = crc;
}
for (let i = 1; i < 8; i++) {
  const last = tables[i - 1];
  tables.push(Uint32Array.from(last, (value) => (value >>> 8) ^ tables[0][value & 255]));
}
const [T0, T1, T2, T3, T4, T5, T6, T7] = tables;

/** Of octets [begin, end) of a Buffer. */
export function crc32c(octets, begin = 0, end = octets.length) {
  let crc = -1, at = begin;
  for (; at + 8 <= end; at += 8) {
    const low = octets.readInt32LE(at) ^ crc, high = octets.readInt32LE(at + 4);
    crc = T7[low & 255] ^ T6[(low >>> 8) & 255] ^ T5[(low >>> 16) & 255] ^ T4[low >>> 24]
      ^ T3[high & 255] ^ T2[(high >>> 8) & 255] ^ T1[(high >>> 16) & 255] ^ T0[high >>> 24];
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ octets[at]) & 255];
  return ~crc >>> 0;
}
