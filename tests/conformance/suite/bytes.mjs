/** @param {string} hex @returns {Uint8Array} */
export function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** @param {Uint8Array} bytes */
export function hexOfBytes(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {Uint8Array} bytes @returns {string} Standard base64. */
export function base64OfBytes(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** @param {string} base64 @returns {Uint8Array} */
export function bytesOfBase64(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Returns the bytes with one bit changed. @param {Uint8Array} bytes @param {number} bit @returns {Uint8Array} */
export function withBitChanged(bytes, bit) {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** Formats any 32 bytes as an OpenSSH line, whether or not they are a usable key. @param {Uint8Array} publicKey */
export function sshLineOf(publicKey) {
  const header = [0, 0, 0, 11, ...new TextEncoder().encode('ssh-ed25519'), 0, 0, 0, 32];
  return `ssh-ed25519 ${base64OfBytes(Uint8Array.from([...header, ...publicKey]))}`;
}
