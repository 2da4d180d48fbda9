import { createPrivateKey } from 'node:crypto';
import { inspect } from 'node:util';
import { generateAgentKey, readAgentKey } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { pkcs8Version2 } from '../support/fixed-agent.js';

const { pkcs8, publicKeyHex, sshLine } = fixedAgent;

const seed = Buffer.alloc(32, 7);
const publicKey = Buffer.from(publicKeyHex, 'hex');
const ed25519 = der(0x06, 0x2b, 0x65, 0x70);
const version1 = der(0x02, 0);
const version2 = der(0x02, 1);
const algorithm = der(0x30, ed25519);
const privateKey = der(0x04, der(0x04, seed));
const publicBits = der(0x81, 0, publicKey);

/** One DER element of up to 127 bytes. */
function der(tag: number, ...content: (number | Uint8Array)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

/** The fixed version 1 document with one byte set to another value. */
function withByte(index: number, value: number): Buffer {
  const document = Buffer.from(pkcs8, 'base64');
  document[index] = value;
  return document;
}

describe('a PKCS#8 document', () => {
  it('is read in version 1', () => {
    expect(readAgentKey(pkcs8).publicKey.ssh).toBe(sshLine);
    expect(der(0x30, version1, algorithm, privateKey).toString('base64')).toBe(pkcs8);
  });

  it('is read in version 2, and written in version 1', () => {
    const key = readAgentKey(pkcs8Version2);
    expect(key.publicKey.ssh).toBe(sshLine);
    expect(key.toPkcs8Base64()).toBe(pkcs8);
    expect(der(0x30, version2, algorithm, privateKey, publicBits).toString('base64')).toBe(pkcs8Version2);
  });

  it('can be read by OpenSSL after it is written', () => {
    const key = generateAgentKey();
    const read = createPrivateKey({
      key: Buffer.from(key.toPkcs8Base64(), 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    expect(read.asymmetricKeyType).toBe('ed25519');
  });
});

const refused: Readonly<Record<string, Buffer>> = {
  'is empty': Buffer.alloc(0),
  'is the bare seed': seed,
  'is cut off': Buffer.from(pkcs8, 'base64').subarray(0, -1),
  'has bytes after it': Buffer.concat([Buffer.from(pkcs8, 'base64'), Buffer.from([0])]),
  'has another document after it': Buffer.concat([1, 2].map(() => Buffer.from(pkcs8, 'base64'))),
  'is no SEQUENCE': withByte(0, 0x31),
  'says a length over its end': withByte(1, 0x2f),
  'says a length under its end': withByte(1, 0x2d),
  'has a long-form length': Buffer.concat([
    Buffer.from([0x30, 0x81, 46]),
    Buffer.from(pkcs8, 'base64').subarray(2),
  ]),
  'has an indefinite length': withByte(1, 0x80),
  'is of version 3': withByte(4, 2),
  'is of a negative version': withByte(4, 0xff),
  'has a version of two bytes': der(0x30, der(0x02, 0, 0), algorithm, privateKey),
  'has an empty version': der(0x30, der(0x02), algorithm, privateKey),
  'has no version': der(0x30, algorithm, privateKey),
  'is of X25519': withByte(11, 0x6e),
  'is of Ed448': withByte(11, 0x71),
  'has a longer object identifier': der(
    0x30,
    version1,
    der(0x30, der(0x06, 0x2b, 0x65, 0x70, 1)),
    privateKey,
  ),
  'has a NULL as algorithm parameter': der(0x30, version1, der(0x30, ed25519, der(0x05)), privateKey),
  'has an empty algorithm': der(0x30, version1, der(0x30), privateKey),
  'has no private key': der(0x30, version1, algorithm),
  'has a private key without inner OCTET STRING': der(0x30, version1, algorithm, der(0x04, seed)),
  'has a private key of 31 bytes': der(0x30, version1, algorithm, der(0x04, der(0x04, seed.subarray(1)))),
  'has a private key of 33 bytes': der(0x30, version1, algorithm, der(0x04, der(0x04, 7, seed))),
  'has bytes after the inner OCTET STRING': der(0x30, version1, algorithm, der(0x04, der(0x04, seed), 0)),
  'has a public key in version 1': der(0x30, version1, algorithm, privateKey, publicBits),
  'has attributes in version 1': der(0x30, version1, algorithm, privateKey, der(0xa0)),
  'has no public key in version 2': der(0x30, version2, algorithm, privateKey),
  'has attributes before the public key': der(0x30, version2, algorithm, privateKey, der(0xa0), publicBits),
  'has something after the public key': der(0x30, version2, algorithm, privateKey, publicBits, der(0xa0)),
  'has an explicitly tagged public key': der(
    0x30,
    version2,
    algorithm,
    privateKey,
    der(0xa1, der(0x03, 0, publicKey)),
  ),
  'has a public key of 31 bytes': der(
    0x30,
    version2,
    algorithm,
    privateKey,
    der(0x81, 0, publicKey.subarray(1)),
  ),
  'has a public key with unused bits': der(0x30, version2, algorithm, privateKey, der(0x81, 1, publicKey)),
};

describe('readAgentKey refuses with invalid_agent_key a PKCS#8 document that', () => {
  it.each(Object.entries(refused))('%s', (_flaw, document) => {
    expect(thrownBy(() => readAgentKey(document.toString('base64'))).code).toBe('invalid_agent_key');
  });

  it('has the public key of another seed in version 2, whichever byte differs', () => {
    for (let i = 0; i < 32; i += 1) {
      const other = Buffer.from(publicKey);
      other[i] = (other[i] as number) ^ 1;
      const document = der(0x30, version2, algorithm, privateKey, der(0x81, 0, other));
      const error = thrownBy(() => readAgentKey(document.toString('base64')));
      expect(error.code).toBe('invalid_agent_key');
      expect(error.message).toBe('the public key in the PKCS#8 document does not match its private key');
    }
  });

  it('has any one byte outside the seed changed', () => {
    const documents = [pkcs8, pkcs8Version2].map((base64) => Buffer.from(base64, 'base64'));
    for (const document of documents) {
      const outsideSeed = [...document.keys()].filter((i) => i < 16 || i >= 48);
      for (const i of outsideSeed) {
        const changed = Buffer.from(document);
        changed[i] = (changed[i] as number) ^ 0x20;
        expect(thrownBy(() => readAgentKey(changed.toString('base64'))).code).toBe('invalid_agent_key');
      }
    }
  });
});

const misencoded: Readonly<Record<string, unknown>> = {
  'no base64': '@@@@',
  'base64 without its padding': pkcs8Version2.replaceAll('=', ''),
  'base64 with padding too much': `${pkcs8}=`,
  base64url: pkcs8Version2.replaceAll('+', '-').replaceAll('/', '_'),
  'base64 with stray bits': pkcs8Version2.replace('iw=', 'ix='),
  'base64 with a line end': `${pkcs8}\n`,
  'base64 with white space within': pkcs8.replace('BCIE', 'BC IE'),
  PEM: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  'an empty string': '',
  undefined: undefined,
  null: null,
  bytes: Buffer.from(pkcs8, 'base64'),
  'an array': [pkcs8],
  'an object that prints as one': { toString: () => pkcs8 },
};

describe('the argument of readAgentKey', () => {
  it.each(Object.entries(misencoded))('is refused with invalid_agent_key if it is %s', (_form, value) => {
    expect(thrownBy(() => readAgentKey(value as string)).code).toBe('invalid_agent_key');
  });

  it('never appears in the error, and nothing decoded from it does', () => {
    const inputs = [
      ...Object.values(refused).map((document) => document.toString('base64')),
      ...Object.values(misencoded).filter((value) => typeof value === 'string'),
    ].filter((input) => input.length > 8);
    for (const input of inputs) {
      const text = inspect(
        thrownBy(() => readAgentKey(input)),
        { showHidden: true, depth: null },
      );
      expect(text).not.toContain(input.slice(0, 12));
      expect(text).not.toContain(input.trim().slice(-12));
      expect(text).not.toMatch(/BwcHBwc|7, 7, 7|070707/);
    }
  });

  it('is described by kind next to what was expected', () => {
    const messageFor = (input: unknown) => thrownBy(() => readAgentKey(input as string)).message;
    const expected = 'expected base64 of an Ed25519 PKCS#8 document';
    expect(messageFor(undefined)).toBe(`${expected}: got undefined`);
    expect(messageFor('')).toBe(`${expected}: got an empty string`);
    expect(messageFor('@@@@')).toBe(`${expected}: it is not standard base64 with padding`);
    expect(messageFor(withByte(11, 0x6e).toString('base64'))).toBe(
      `${expected}: its algorithm is not Ed25519 (object identifier 1.3.101.112)`,
    );
    expect(messageFor(`${pkcs8}AAAA`)).toBe(
      `${expected}: it is not a single DER SEQUENCE without trailing bytes`,
    );
  });
});
