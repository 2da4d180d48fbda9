import { createHash, createPrivateKey, createPublicKey, diffieHellman, sign, verify } from 'node:crypto';
import { versions } from 'node:process';
import { beginsWithSmallOrderPoint } from '../agent-key/edwards25519.js';
import type { Backend } from './backend.js';

/** DER headers of 32-byte keys (RFC 8410 sections 4 and 7). PKCS#8 version 1, because OpenSSL 3.0 reads no other. */
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex');
const x25519Pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const x25519Spki = Buffer.from('302a300506032b656e032100', 'hex');

/** Node 20 has OpenSSL 3.0, which reads DER ten times slower than a JWK. It ignores the public half of the JWK. */
const isDerSlow = versions.openssl.startsWith('3.0.');

function privateKey(header: Buffer, secret: Uint8Array) {
  if (isDerSlow) {
    const crv = header === ed25519Pkcs8 ? 'Ed25519' : 'X25519';
    const jwk = { kty: 'OKP', crv, d: view(secret).toString('base64url'), x: '' };
    return createPrivateKey({ key: jwk, format: 'jwk' });
  }
  return createPrivateKey({ key: Buffer.concat([header, secret]), format: 'der', type: 'pkcs8' });
}

function publicKey(header: Buffer, bytes: Uint8Array) {
  return createPublicKey({ key: Buffer.concat([header, bytes]), format: 'der', type: 'spki' });
}

/** Returns the 32-byte public half of a private key. */
function publicBytes(header: Buffer, secret: Uint8Array): Uint8Array {
  const { x = '' } = privateKey(header, secret).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x, 'base64url'));
}

export const ed25519PublicKey: Backend['ed25519PublicKey'] = (seed) => publicBytes(ed25519Pkcs8, seed);

export const ed25519Signer: Backend['ed25519Signer'] = (seed) => {
  const key = privateKey(ed25519Pkcs8, seed);
  return (message) => sign(null, message, key);
};

export const ed25519Verifier: Backend['ed25519Verifier'] = (bytes) => {
  const key = publicKey(ed25519Spki, bytes);
  return (message, signature) =>
    !beginsWithSmallOrderPoint(signature) && verify(null, message, key, signature);
};

export const x25519PublicKey: Backend['x25519PublicKey'] = (secret) => publicBytes(x25519Pkcs8, secret);

export const x25519SharedSecret: Backend['x25519SharedSecret'] = (secret, bytes) =>
  diffieHellman({ privateKey: privateKey(x25519Pkcs8, secret), publicKey: publicKey(x25519Spki, bytes) });

export const sha512: Backend['sha512'] = (bytes) => createHash('sha512').update(bytes).digest();

export const encodeUtf8: Backend['encodeUtf8'] = (text) => Buffer.from(text, 'utf8');

export const encodeBase64: Backend['encodeBase64'] = (bytes) => view(bytes).toString('base64');

export const encodeBase64Url: Backend['encodeBase64Url'] = (bytes) => view(bytes).toString('base64url');

export const decodeBase64: Backend['decodeBase64'] = (text) => Buffer.from(text, 'base64');

export const decodeBase64Url: Backend['decodeBase64Url'] = (text) => Buffer.from(text, 'base64url');

/** Returns the same bytes as a Buffer without a copy. */
function view(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
