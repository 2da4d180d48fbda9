import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { generateAgentKey, readAgentKey, readSshPublicKey } from 'agent-identity-core';
import { fixedAgent, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

const { pkcs8, sshLine, publicKeyHex } = fixedAgent;
const seed = Buffer.alloc(32, 7);
const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(privateKey);
const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
const publicPem = String(publicKey.export({ format: 'pem', type: 'spki' }));
const opensshPrivateKey = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
-----END OPENSSH PRIVATE KEY-----
`;

function encryptedPem(key: KeyObject): string {
  return String(
    key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'a passphrase' }),
  );
}

describe('readAgentKey names the form of a private key', () => {
  it.each<[string, unknown, string]>([
    ['a PEM file', pem, 'got a PEM file; use the base64 between its BEGIN and END lines, joined'],
    ['a PEM file with Windows line ends', pem.replaceAll('\n', '\r\n'), 'got a PEM file'],
    [
      'an encrypted PEM file',
      encryptedPem(privateKey),
      'got an encrypted PEM file; decrypt it with openssl pkey',
    ],
    ['an OpenSSH private key', opensshPrivateKey, 'got an OpenSSH private key; convert it to PKCS#8'],
    ['a JWK', JSON.stringify(privateKey.export({ format: 'jwk' })), 'got a JWK; use the base64 of'],
    ['a JWK as an object', privateKey.export({ format: 'jwk' }), 'got a JWK; use the base64 of'],
    ['a seed in hex', seed.toString('hex'), 'got a seed alone; use the base64 of the bytes 302e'],
    ['a seed in base64', seed.toString('base64'), 'got a seed alone; use the base64 of the bytes 302e'],
    [
      'the document in hex',
      Buffer.from(pkcs8, 'base64').toString('hex'),
      'got hex; use the base64 of its bytes',
    ],
    [
      'base64url',
      Buffer.alloc(48, 0xfb).toString('base64url'),
      'got base64url; use standard base64 with padding',
    ],
    ['a public key', sshLine, 'got a public key'],
    ['a final newline', `${pkcs8}\n`, 'got white space around it'],
    ['a byte order mark', `\ufeff${pkcs8}`, 'got white space around it'],
    ['nothing', undefined, 'got undefined'],
    ['an object', {}, 'got a value of type object'],
    ['another text', '@@@@', 'it is not standard base64 with padding'],
  ])('%s', (_form, key, words) => {
    const error = thrownBy(() => readAgentKey(key as string));
    expect(error.code).toBe('invalid_agent_key');
    expect(error.message).toContain(words);
    expect(printedForms(error)).not.toMatch(/BwcHBwc|0707|b3BlbnNz/);
  });
});

describe('the conversions that the errors of readAgentKey name', () => {
  const jwk = privateKey.export({ format: 'jwk' });

  it.each([
    ['a PEM file', pem.replaceAll(/-----.*-----|\s/g, '')],
    [
      'a JWK',
      createPrivateKey({ key: jwk, format: 'jwk' })
        .export({ format: 'der', type: 'pkcs8' })
        .toString('base64'),
    ],
    [
      'a seed',
      Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]).toString('base64'),
    ],
    ['hex', Buffer.from(Buffer.from(pkcs8, 'base64').toString('hex'), 'hex').toString('base64')],
  ])('give the key: %s', (_form, converted) => {
    expect(readAgentKey(converted).publicKey.ssh).toBe(sshLine);
  });
});

describe('readSshPublicKey names the form of a public key', () => {
  const raw = Buffer.from(publicKeyHex, 'hex');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

  it.each<[string, unknown, string]>([
    ['a PEM file', publicPem, 'got a PEM file whose last 32 bytes are the key; write "ssh-ed25519 "'],
    ['a PEM file of RSA', String(rsa.export({ format: 'pem', type: 'spki' })), 'got a PEM file'],
    ['a JWK', JSON.stringify(publicKey.export({ format: 'jwk' })), 'got a JWK whose x is the key; write'],
    ['a JWK as an object', publicKey.export({ format: 'jwk' }), 'got a JWK whose x is the key'],
    ['the key in hex', publicKeyHex, 'got the key alone; write "ssh-ed25519 "'],
    ['the key in base64', raw.toString('base64'), 'got the key alone'],
    ['a comment', `${sshLine} someone@example.com`, 'got a line with a comment; remove it'],
    ['a final newline', `${sshLine}\r\n`, 'got white space around it'],
    ['another key type', 'ssh-rsa AAAAB3NzaC1yc2E', 'got a key of another type'],
    ['a private key', pkcs8, 'got a private key; keep it secret'],
    ['a private PEM file', pem, 'got a private key; keep it secret'],
    ['nothing', undefined, 'got undefined'],
    ['another text', 'ssh-ed25519 @@@@', 'it is not standard base64'],
  ])('%s', (_form, key, words) => {
    const error = thrownBy(() => readSshPublicKey(key as string));
    expect(error.code).toBe('invalid_public_key');
    expect(error.message).toContain(words);
    expect(printedForms(error)).not.toMatch(/BwcHBwc|0707/);
  });

  it('and its conversion gives the key', () => {
    const header = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
    const last32 = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const line = `ssh-ed25519 ${Buffer.concat([header, last32]).toString('base64')}`;
    expect(readSshPublicKey(line).ssh).toBe(sshLine);
  });
});

it('a generated key is read without complaint', () => {
  const key = generateAgentKey();
  expect(readAgentKey(key.toPkcs8Base64()).publicKey.ssh).toBe(key.publicKey.ssh);
  expect(readSshPublicKey(key.publicKey.ssh).ssh).toBe(key.publicKey.ssh);
});
