import { decodeBase64, encodeBase64 } from '../encoding/base64.js';
import { decodeHex } from '../encoding/hex.js';
import { type DerReader, derReader } from './der-reader.js';

/** The content of a PKCS#8 document of an Ed25519 key. */
export interface Pkcs8Content {
  /** **Secret.** 32 bytes. */
  readonly seed: Uint8Array;
  /** 32 bytes, in version 2 only. */
  readonly publicKey?: Uint8Array | undefined;
}

/** `SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING (32) } }` (RFC 8410 section 7). */
export const pkcs8HeaderHex = '302e020100300506032b657004220420';

/** **Secret.** Writes standard base64 of version 1, because every reader accepts it. */
export function writePkcs8Base64(seed: Uint8Array): string {
  return encodeBase64(Uint8Array.from([...decodeHex(pkcs8HeaderHex), ...seed]));
}

/**
 * Reads standard base64 of a PKCS#8 document, version 1 (RFC 5208) or 2 (RFC 5958), and accepts only its DER encoding.
 * On failure, returns what is wrong in words that contain no byte of the document.
 */
export function readPkcs8Base64(base64: string): Pkcs8Content | string {
  const bytes = decodeBase64(base64);
  if (bytes === undefined) return 'it is not standard base64 with padding';
  const document = derReader(bytes);
  const info = document.enter(0x30);
  if (info === undefined || !document.atEnd())
    return 'it is not a single DER SEQUENCE without trailing bytes';
  const version = info.read(0x02);
  if (version?.length !== 1 || (version[0] !== 0 && version[0] !== 1))
    return 'its version is neither 1 nor 2';
  const algorithm = info.enter(0x30);
  const oid = algorithm?.read(0x06);
  if (oid?.join() !== '43,101,112' || !algorithm?.atEnd())
    return 'its algorithm is not Ed25519 (object identifier 1.3.101.112)';
  const wrapped = info.enter(0x04);
  const seed = wrapped?.read(0x04);
  if (seed?.length !== 32 || !wrapped?.atEnd()) return 'its private key is not an OCTET STRING of 32 bytes';
  return readPublicKey(info, seed, version[0]);
}

/** Reads `[1] IMPLICIT BIT STRING`, which version 2 has and version 1 has not. */
function readPublicKey(info: DerReader, seed: Uint8Array, version: number): Pkcs8Content | string {
  if (version === 0) return info.atEnd() ? { seed } : 'it is version 1 with more than a private key';
  const bits = info.read(0x81);
  if (bits?.length !== 33 || bits[0] !== 0 || !info.atEnd()) {
    return 'it is version 2 without a public key at its end';
  }
  return { seed, publicKey: bits.subarray(1) };
}
