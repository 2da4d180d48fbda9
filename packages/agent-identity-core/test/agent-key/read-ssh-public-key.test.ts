import { generateAgentKey, readSshPublicKey } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { sshLineOf } from '../support/ssh-line-of.js';

const { publicKeyHex, sshLine } = fixedAgent;

const key = Buffer.from(publicKeyHex, 'hex');

/** SSH strings, each behind its length of four bytes, as base64. */
function blob(...strings: (string | Uint8Array)[]): string {
  const parts = strings.map((string) => {
    const bytes = Buffer.from(string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(parts).toString('base64');
}

/** The blob of the fixed key with one byte of a length or of the type set to another value. */
function blobWithByte(index: number, value: number): string {
  const bytes = Buffer.from(blob('ssh-ed25519', key), 'base64');
  bytes[index] = value;
  return bytes.toString('base64');
}

describe('an OpenSSH line', () => {
  it('is read and kept unchanged', () => {
    const publicKey = readSshPublicKey(sshLine);
    expect(publicKey.ssh).toBe(sshLine);
    expect(Buffer.from(publicKey.bytes).toString('hex')).toBe(publicKeyHex);
  });

  it('is the form in which an agent key writes its public half', () => {
    const { publicKey } = generateAgentKey();
    expect(publicKey.ssh).toBe(sshLineOf(publicKey.bytes));
    expect(readSshPublicKey(publicKey.ssh).bytes).toEqual(publicKey.bytes);
  });

  it('gives a key whose bytes a reader cannot change', () => {
    const publicKey = readSshPublicKey(sshLine);
    publicKey.bytes.fill(0);
    expect(Buffer.from(publicKey.bytes).toString('hex')).toBe(publicKeyHex);
    expect(Object.isFrozen(publicKey)).toBe(true);
  });
});

const refused: Readonly<Record<string, unknown>> = {
  'has a comment': `${sshLine} someone@example.com`,
  'ends with a space': `${sshLine} `,
  'ends with a line end': `${sshLine}\n`,
  'ends with a carriage return': `${sshLine}\r`,
  'begins with a space': ` ${sshLine}`,
  'has options before it': `no-pty ${sshLine}`,
  'has two spaces': sshLine.replace(' ', '  '),
  'has a tab for the space': sshLine.replace(' ', '\t'),
  'has no space': sshLine.replace(' ', ''),
  'names its type in upper case': sshLine.replace('ssh-ed25519', 'SSH-ED25519'),
  'names another type': sshLine.replace('ssh-ed25519', 'ssh-rsa'),
  'is of a security key': `sk-ssh-ed25519@openssh.com ${blob('sk-ssh-ed25519@openssh.com', key, 'ssh:')}`,
  'has only a type': 'ssh-ed25519',
  'has an empty blob': 'ssh-ed25519 ',
  'is the blob alone': blob('ssh-ed25519', key),
  'is no base64': `ssh-ed25519 ${'@'.repeat(68)}`,
  'is base64url': 'ssh-ed25519 '.concat(
    blob('ssh-ed25519', Buffer.alloc(32, 0xfb)).replaceAll('+', '-').replaceAll('/', '_'),
  ),
  'has padding too much': `${sshLine}=`,
  'names another type in the blob': `ssh-ed25519 ${blob('ssh-ed25518', key)}`,
  'has a shorter type in the blob': `ssh-ed25519 ${blob('ssh-ed2551', key)}`,
  'has no key in the blob': `ssh-ed25519 ${blob('ssh-ed25519')}`,
  'has a key of 31 bytes': `ssh-ed25519 ${blob('ssh-ed25519', key.subarray(1))}`,
  'has a key of 33 bytes': `ssh-ed25519 ${blob('ssh-ed25519', Buffer.concat([key, key.subarray(31)]))}`,
  'has a third string': `ssh-ed25519 ${blob('ssh-ed25519', key, 'more')}`,
  'has bytes after the key': `ssh-ed25519 ${Buffer.concat([
    Buffer.from(blob('ssh-ed25519', key), 'base64'),
    Buffer.from([0, 0, 0]),
  ]).toString('base64')}`,
  'says a wrong length of the type': `ssh-ed25519 ${blobWithByte(3, 12)}`,
  'says a length of the type over its end': `ssh-ed25519 ${blobWithByte(0, 0xff)}`,
  'says a wrong length of the key': `ssh-ed25519 ${blobWithByte(18, 31)}`,
  'is cut off': sshLine.slice(0, -4),
  'is an empty string': '',
  'is undefined': undefined,
  'is bytes': key,
  'is an array': [sshLine],
};

describe('readSshPublicKey refuses with invalid_public_key a line that', () => {
  it.each(Object.entries(refused))('%s', (_flaw, line) => {
    expect(thrownBy(() => readSshPublicKey(line as string)).code).toBe('invalid_public_key');
  });
});
