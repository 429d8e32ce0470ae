// FNV-1a, 32 bits, over the characters of a code: the same on every host and build, or partitions would not meet again.
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
