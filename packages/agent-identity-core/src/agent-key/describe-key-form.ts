import { decodeBase64 } from '../encoding/base64.js';
import { pkcs8HeaderHex } from './pkcs8.js';

/**
 * Recognizes a private key in another form than base64 of PKCS#8, and says how to convert it. The words contain nothing of
 * the key.
 */
export function describePrivateKeyForm(value: unknown): string | undefined {
  const text = textOf(value);
  if (text.startsWith('-----BEGIN OPENSSH')) {
    return 'an OpenSSH private key; convert it to PKCS#8 with the npm package sshpk';
  }
  if (text.startsWith('-----BEGIN ENC')) return 'an encrypted PEM file; decrypt it with openssl pkey';
  if (text.startsWith('-----BEGIN'))
    return 'a PEM file; use the base64 between its BEGIN and END lines, joined';
  if (text.startsWith('ssh-')) return 'a public key';
  if (text.startsWith('{'))
    return 'a JWK; use the base64 of what createPrivateKey of Node exports as pkcs8 der';
  if (isRawKey(text)) {
    return `a seed alone; use the base64 of the bytes ${pkcs8HeaderHex} and the seed`;
  }
  if (/^[0-9a-f]+$/i.test(text)) return 'hex; use the base64 of its bytes';
  if (/^[\w-]*[-_][\w-]*$/.test(text)) return 'base64url; use standard base64 with padding';
  return text !== '' && text !== value ? whiteSpace : undefined;
}

/** Recognizes a public key in another form than an OpenSSH line without a comment, and says how to convert it. */
export function describePublicKeyForm(value: unknown): string | undefined {
  const text = textOf(value);
  if (/^-----BEGIN .*PRIVATE|^M(C4CAQAw|FECAQEw)/.test(text)) return 'a private key; keep it secret';
  if (text.startsWith('-----BEGIN')) return `a PEM file whose last 32 bytes are the key; ${lineAdvice}`;
  if (text.startsWith('{')) return `a JWK whose x is the key; ${lineAdvice}`;
  if (isRawKey(text)) return `the key alone; ${lineAdvice}`;
  if (/^ssh-ed25519 +\S+\s+\S/.test(text)) return 'a line with a comment; remove it';
  if (/^(?:ssh|ecdsa|sk)-(?!ed25519 )/.test(text)) return 'a key of another type';
  return text !== '' && text !== value ? whiteSpace : undefined;
}

/** The start of two SSH strings, each with its length in front: `ssh-ed25519`, and a 32-byte key (RFC 8709 section 4). */
export const blobHeaderHex = '0000000b7373682d6564323535313900000020';

const lineAdvice = `write "ssh-ed25519 " and the base64 of the bytes ${blobHeaderHex} and the key`;

const whiteSpace = 'white space around it';

/** A JWK may also come as an object. Empty for other values. */
function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'kty' in value) return '{';
  return typeof value === 'string' ? value.trim() : '';
}

/** Whether a text is 32 bytes in hex or base64. */
function isRawKey(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text) || decodeBase64(text)?.length === 32;
}
