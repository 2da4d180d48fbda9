import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { type AgentKey, generateAgentKey, readAgentKey } from 'agent-identity-core';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey } from '../support/fixed-agent.js';

const { pkcs8, publicKeyHex, sshLine } = fixedAgent;

/** The private bytes in each form in which something could print them. */
function secretForms(key: AgentKey): string[] {
  const document = Buffer.from(key.toPkcs8Base64(), 'base64');
  const seed = document.subarray(-32);
  const base64 = seed.toString('base64').slice(0, 42);
  return [
    key.toPkcs8Base64(),
    seed.toString('hex'),
    base64,
    seed.toString('base64url').slice(0, 42),
    document.subarray(-33).toString('base64').slice(0, 40),
    document.subarray(-34).toString('base64').slice(0, 40),
    seed.subarray(0, 8).join(', '),
    seed.subarray(0, 8).join(','),
    [...seed.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  ];
}

function expectNoSecret(text: string, key: AgentKey): void {
  // Inspection prints bytes in aligned columns.
  const unaligned = text.replaceAll(/\s+/g, ' ');
  for (const secret of secretForms(key)) expect(unaligned).not.toContain(secret);
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return inspect(error, { showHidden: true, depth: null });
  }
  throw new Error('expected it to throw');
}

function consoleOutput(print: (console: Console) => void): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  print(new Console({ stdout: stream, stderr: stream }));
  return text;
}

const ways: Readonly<Record<string, (key: AgentKey) => string>> = {
  'util.inspect': (key) => inspect(key),
  'util.inspect of hidden members at any depth': (key) =>
    inspect({ nested: [key] }, { showHidden: true, depth: null, getters: true }),
  'util.inspect past the custom inspection': (key) =>
    inspect(key, { showHidden: true, depth: null, getters: true, customInspect: false, showProxy: true }),
  'util.inspect of an error that has it as cause': (key) => inspect(new Error('failed', { cause: key })),
  'util.format with every directive': (key) => format('%s %o %O %j', key, key, key, key),
  'JSON.stringify': (key) => JSON.stringify({ key, keys: [key] }),
  'JSON.stringify of its property descriptors': (key) =>
    JSON.stringify(Object.getOwnPropertyDescriptors(key)),
  String: (key) => String(key),
  'a template': (key) => `${key}`,
  'a concatenation': (key) => `key: `.concat(key as unknown as string),
  'Object.keys and Object.entries': (key) =>
    inspect([Object.keys(key), Object.entries(key)], { depth: null }),
  'Reflect.ownKeys, down to every value': (key) =>
    inspect(
      Reflect.ownKeys(key).map((name) => Reflect.get(key, name)),
      { showHidden: true, depth: null },
    ),
  'a spread copy': (key) => inspect({ ...key }, { showHidden: true, depth: null }),
  'a copy by Object.assign': (key) => JSON.stringify(Object.assign({}, key)),
  'the error of structuredClone': (key) => messageOf(() => structuredClone(key)),
  'the error of v8.serialize': (key) => messageOf(() => serialize(key)),
  'the error of signing undefined': (key) => messageOf(() => key.sign(undefined as never)),
  'console.log and console.dir': (key) =>
    consoleOutput((console) => {
      console.log(key, { key });
      console.dir(key, { showHidden: true, depth: null });
      console.table([key]);
      console.error(new Error('failed', { cause: { key } }));
    }),
};

describe('an agent key', () => {
  it.each(Object.entries(ways))('does not reveal its private bytes through %s', (_name, print) => {
    const generated = generateAgentKey();
    // Signing makes the key prepare and keep its signer.
    generated.sign(new Uint8Array(1));
    for (const key of [generated, readAgentKey(pkcs8)]) expectNoSecret(print(key), key);
  });

  it('shows its public half', () => {
    expect(inspect(fixedKey)).toBe(`AgentKey(${sshLine})`);
    expect(String(fixedKey)).toBe(`AgentKey(${sshLine})`);
    expect(JSON.parse(JSON.stringify(fixedKey))).toEqual({ publicKey: sshLine });
  });

  it('is caught by this test if it leaks', () => {
    const key = generateAgentKey();
    const leaking = { seed: Buffer.from(key.toPkcs8Base64(), 'base64').subarray(-32) };
    expect(() => expectNoSecret(inspect({ ...leaking, seed: new Uint8Array(leaking.seed) }), key)).toThrow();
    expect(() => expectNoSecret(inspect(leaking), key)).toThrow();
    expect(() => expectNoSecret(key.toPkcs8Base64(), key)).toThrow();
  });

  it('signs the same message with the same 64 bytes each time, as in RFC 8032', () => {
    const message = new TextEncoder().encode('agent-123:task-123:2026-04-23T00:00:00Z');
    const signature = fixedKey.sign(message);
    expect(signature).toHaveLength(64);
    expect(Buffer.from(signature).toString('base64')).toBe(fixedAssertion.signature);
    expect(fixedKey.sign(message)).toEqual(signature);
  });

  it('makes signatures that its public key verifies for this message only', () => {
    const key = generateAgentKey();
    const message = new TextEncoder().encode('message');
    const signature = key.sign(message);
    expect(key.publicKey.verify(message, signature)).toBe(true);
    expect(key.publicKey.verify(new TextEncoder().encode('massage'), signature)).toBe(false);
    expect(fixedKey.publicKey.verify(message, signature)).toBe(false);
  });

  it('cannot be changed', () => {
    const key = readAgentKey(pkcs8);
    expect(() => Object.assign(key, { publicKey: generateAgentKey().publicKey })).toThrow(TypeError);
    expect(() => Object.assign(key.publicKey, { ssh: 'ssh-ed25519 other' })).toThrow(TypeError);
    key.publicKey.bytes.fill(0);
    expect(Buffer.from(key.publicKey.bytes).toString('hex')).toBe(publicKeyHex);
  });
});
