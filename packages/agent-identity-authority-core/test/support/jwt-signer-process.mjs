// Holds an RSA key, which never leaves this process, and signs the SHA-256 digests that its parent sends.
import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { kty, n, e } = publicKey.export({ format: 'jwk' });

/** The DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1). */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

process.on('message', ({ id, digest }) => {
  const encoded = Buffer.concat([digestInfo, Buffer.from(digest, 'base64')]);
  const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, encoded);
  process.send({ id, signature: signature.toString('base64') });
});
process.send({ publicJwk: { kty, n, e } });
