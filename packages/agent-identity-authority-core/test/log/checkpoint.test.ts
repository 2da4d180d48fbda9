import { generateAgentKey } from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import { formatVerifierKey, signCheckpoint } from '../../src/log/checkpoint.js';
import { decodeAuditEntry, encodeAuditEntry, logTilePath, verifyCheckpoint } from '../../src/log/index.js';

const key = generateAgentKey();
const checkpoint = {
  origin: 'authority.example.com/audit',
  size: 1234,
  rootHash: new Uint8Array(32).fill(7),
};
const note = signCheckpoint(checkpoint, key);
const verifierKey = formatVerifierKey(checkpoint.origin, key.publicKey);

describe('a checkpoint', () => {
  it('has the form of C2SP tlog-checkpoint', () => {
    expect(note.split('\n')).toEqual([
      'authority.example.com/audit',
      '1234',
      'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=',
      '',
      expect.stringMatching(/^— authority\.example\.com\/audit [A-Za-z0-9+/]{91}=$/),
      '',
    ]);
  });

  it('is verified with the key of its log, also among the signatures of others', () => {
    expect(verifyCheckpoint(note, verifierKey)).toEqual(checkpoint);
    const witnessed = `${note}— witness.example.com ${'A'.repeat(88)}\n`;
    expect(verifyCheckpoint(witnessed, verifierKey)).toEqual(checkpoint);
  });

  it('is refused after any change of its text, and with another key', () => {
    const refused = expect.objectContaining({ code: 'invalid_checkpoint' });
    const otherKey = formatVerifierKey(checkpoint.origin, generateAgentKey().publicKey);
    expect(() => verifyCheckpoint(note, otherKey)).toThrow(refused);
    for (let i = 0; i < note.length; i += 1) {
      const changed = `${note.slice(0, i)}${note[i] === 'x' ? 'y' : 'x'}${note.slice(i + 1)}`;
      expect(() => verifyCheckpoint(changed, verifierKey), changed).toThrow(refused);
    }
    for (const other of [
      '',
      'x',
      `${note}\n`,
      note.slice(1),
      note.replace('1234', '01234'),
      note.repeat(2),
    ]) {
      expect(() => verifyCheckpoint(other, verifierKey)).toThrow(refused);
    }
  });

  it('needs a verifier key of an Ed25519 log', () => {
    for (const other of [
      '',
      'x+y',
      verifierKey.slice(0, -1),
      verifierKey.replace('+', '+0'),
      `${verifierKey}A`,
      // About half of all bytes are no point of the curve.
      ...[...'ABCDEFGHIJKLMNOP'].map((end) => verifierKey.replace(/[^+]{2}$/, `${end}9`)),
    ]) {
      expect(() => verifyCheckpoint(note, other)).toThrow(
        expect.objectContaining({ code: 'invalid_verifier_key' }),
      );
    }
  });
});

describe('a path of a tile', () => {
  it.each([
    [0, 0, 256, 'tile/0/000'],
    [1, 67, 8, 'tile/1/067.p/8'],
    ['entries', 1234067, 256, 'tile/entries/x001/x234/067'],
  ] as const)('level %s, number %i, width %i', (level, index, width, path) => {
    expect(logTilePath(level, index, width)).toBe(path);
  });
});

describe('an encoded entry', () => {
  const entry = {
    id: 'entry-1',
    at: 1_776_902_400_000,
    actor: 'operator:alice',
    action: 'custom_exported',
    agentRuntimeId: null,
    taskId: null,
    details: { b: 1, a: 'ü' },
  };

  it('is canonical JSON', () => {
    expect(new TextDecoder().decode(encodeAuditEntry(entry))).toBe(
      '{"v":1,"id":"entry-1","at":1776902400000,"actor":"operator:alice","action":"custom_exported","agent_runtime_id":null,"task_id":null,"details":{"a":"ü","b":1}}',
    );
    expect(decodeAuditEntry(encodeAuditEntry(entry))).toEqual(entry);
  });

  it('is refused in any other form', () => {
    const text = new TextDecoder().decode(encodeAuditEntry(entry));
    const others = [
      text.replace('"v":1', '"v":2'),
      ` ${text}`,
      text.replace('"a":"ü","b":1', '"b":1,"a":"ü"'),
      '{}',
      'x',
      'null',
    ];
    for (const other of others) {
      expect(() => decodeAuditEntry(new TextEncoder().encode(other))).toThrow(
        expect.objectContaining({ code: 'invalid_log_entry' }),
      );
    }
  });
});
