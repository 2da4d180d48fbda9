import { inspect } from 'node:util';
import { generateAgentKey, openSealedTaskId, readSshPublicKey, sealTaskId } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedKey } from '../support/fixed-agent.js';

/** Sealed by libsodium to the fixed key, from the conformance vectors. */
const sealedByLibsodium = 'ngTpil4Aikp/TiMdE46hrucUEe+tMfY4tnKlnQtDASUbcatpf3TbwE/HotBenXZaM3G76OF5fD6iVQ==';

function refuse(sealed: unknown, key = fixedKey): string {
  const error = thrownBy(() => openSealedTaskId(key, sealed as string));
  expect(error.code).toBe('unreadable_sealed_task_id');
  return error.message;
}

describe('a sealed task id', () => {
  it('opens only with the agent key', () => {
    expect(openSealedTaskId(fixedKey, sealedByLibsodium)).toBe('task-run-1');
    expect(refuse(sealedByLibsodium, generateAgentKey())).toContain('for another key');
  });

  it.each(['task-run-1', 't', 'tâche-漢字-🤖', ' padded ', '\ufeffmarked', 'x'.repeat(5000)])(
    'is sealed to the registered public key and opened as it was: %j',
    (taskId) => {
      expect(openSealedTaskId(fixedKey, sealTaskId(readSshPublicKey(fixedAgent.sshLine), taskId))).toBe(
        taskId,
      );
    },
  );

  it('has different bytes each time it is sealed', () => {
    const sealed = Array.from({ length: 10 }, () => sealTaskId(fixedKey.publicKey, 'task-run-1'));
    expect(new Set(sealed).size).toBe(10);
    expect(new Set(sealed.map((text) => text.slice(0, 42))).size).toBe(10);
  });

  it.each([undefined, '', ' ', '\ud800', 7])('cannot be made from %j: invalid_argument', (taskId) => {
    expect(thrownBy(() => sealTaskId(fixedKey.publicKey, taskId as string)).code).toBe('invalid_argument');
  });
});

describe('openSealedTaskId', () => {
  it('refuses a box with any one bit changed', () => {
    const bytes = Buffer.from(sealedByLibsodium, 'base64');
    // X25519 ignores the top bit of the ephemeral key (RFC 7748 section 5), but the bit is part of the nonce.
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      refuse(changed.toString('base64'));
    }
  });

  it('refuses a box that is cut off anywhere or has a byte after it', () => {
    const bytes = Buffer.from(sealedByLibsodium, 'base64');
    for (let length = 0; length < bytes.length; length += 1) {
      refuse(bytes.subarray(0, length).toString('base64'));
    }
    refuse(Buffer.concat([bytes, Buffer.from([0])]).toString('base64'));
  });

  it('refuses a box with an ephemeral key of small order', () => {
    const bytes = Buffer.from(sealedByLibsodium, 'base64');
    for (const ephemeral of [Buffer.alloc(32), Buffer.alloc(32).fill(1, 0, 1)]) {
      refuse(Buffer.concat([ephemeral, bytes.subarray(32)]).toString('base64'));
    }
  });

  it.each<[string, unknown]>([
    ['base64url', sealedByLibsodium.replaceAll('+', '-').replaceAll('/', '_')],
    ['no padding', sealedByLibsodium.replaceAll('=', '')],
    ['a line end', `${sealedByLibsodium}\n`],
    ['no base64', '@@@@'],
    ['an empty string', ''],
    ['undefined', undefined],
    ['null', null],
    ['bytes', Buffer.from(sealedByLibsodium, 'base64')],
  ])('refuses another encoding: %s', (_form, sealed) => {
    expect(sealed).not.toBe(sealedByLibsodium);
    refuse(sealed);
  });

  it('reveals neither the key nor the sealed bytes in its error', () => {
    const key = generateAgentKey();
    const sealed = sealTaskId(fixedKey.publicKey, 'task-run-1');
    const error = thrownBy(() => openSealedTaskId(key, sealed));
    const text = inspect(error, { showHidden: true, depth: null });
    expect(text).not.toContain(key.toPkcs8Base64().slice(24));
    expect(text).not.toContain(sealed.slice(0, 16));
    expect(error.cause).toBeUndefined();
  });

  it('refuses a key that does not write a PKCS#8 document with invalid_argument', () => {
    const noKey = { ...fixedKey, sign: fixedKey.sign, toPkcs8Base64: () => 'MC4=' };
    expect(thrownBy(() => openSealedTaskId(noKey, sealedByLibsodium)).code).toBe('invalid_argument');
  });
});
