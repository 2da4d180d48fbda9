import * as core from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import allVectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };
import { runConformance } from './suite/run-conformance.mjs';

/** Those of two keys are enough to find what is broken. */
const vectors = {
  ...allVectors,
  keys: allVectors.keys.slice(0, 2),
  assertions: allVectors.assertions.filter(({ key }) => key === 'key-0' || key === 'key-1'),
  task_registrations: allVectors.task_registrations.filter(({ key }) => key === 'key-0'),
  sealed_task_ids: allVectors.sealed_task_ids.filter(({ key }) => key === 'key-0' || key === 'key-1'),
};

/** The groups in which a core fails that differs from ours in some functions. */
function failingGroups(changes: Partial<typeof core>): string[] {
  const results = runConformance({ ...core, ...changes }, { vectors, edgeCases });
  return [...new Set(results.filter(({ ok }) => !ok).map(({ group }) => group))];
}

describe('the conformance suite', () => {
  it('passes core as it is', () => {
    expect(failingGroups({})).toEqual([]);
  });

  it('finds a core that reads no version 2 of PKCS#8', () => {
    const readAgentKey = (base64: string) => {
      if (base64.startsWith('MFECAQEw')) throw new Error('wrong tag');
      return core.readAgentKey(base64);
    };
    expect(failingGroups({ readAgentKey })).toEqual(['keys', 'invalid keys']);
  });

  it('finds a core that reads any key', () => {
    const [key] = vectors.keys.map(({ pkcs8_v1_base64 }) => core.readAgentKey(pkcs8_v1_base64));
    expect(failingGroups({ readAgentKey: () => key as core.AgentKey })).toContain('invalid keys');
  });

  it('finds a core whose keys show their private bytes', () => {
    const readAgentKey = (base64: string) => {
      const key = core.readAgentKey(base64);
      return {
        ...key,
        sign: key.sign.bind(key),
        toPkcs8Base64: key.toPkcs8Base64.bind(key),
        toJSON: () => base64,
      };
    };
    expect(failingGroups({ readAgentKey })).toContain('keys');
  });

  it('finds a core that verifies anything', () => {
    const failing = failingGroups({ verifyAgentAssertion: () => {}, verifyTaskRegistration: () => {} });
    expect(failing).toEqual(['assertions', 'task registrations', 'tampering']);
  });

  it('finds a core that writes another header', () => {
    const formatAgentAssertion = (assertion: core.AgentAssertion) =>
      `${core.formatAgentAssertion(assertion)}=`;
    expect(failingGroups({ formatAgentAssertion })).toEqual(['assertions']);
  });

  it('finds a core that trims what it opens, or opens anything', () => {
    expect(failingGroups({ openSealedTaskId: () => 'task-run-1' })).toEqual(['sealed task ids', 'tampering']);
  });

  it('finds a core that reads any point as a key, or none', () => {
    const [any] = vectors.keys.map(({ public_key_ssh }) => core.readSshPublicKey(public_key_ssh));
    expect(failingGroups({ readSshPublicKey: () => any as core.AgentPublicKey })).toContain(
      'refused public keys',
    );
    const readSshPublicKey = () => {
      throw Object.assign(new Error(), { code: 'invalid_public_key' });
    };
    expect(failingGroups({ readSshPublicKey })).toEqual([
      'keys',
      'sealed task ids',
      'accepted public keys',
      'signatures',
    ]);
  });
});
