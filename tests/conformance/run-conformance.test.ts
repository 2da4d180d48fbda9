import * as core from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import allVectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };
import instances from '../vectors/runtime-agent-instances.json' with { type: 'json' };
import { runConformance } from './suite/run-conformance.mjs';

/** The vectors of two keys are enough to detect these faults. */
const vectors = {
  ...allVectors,
  keys: allVectors.keys.slice(0, 2),
  assertions: allVectors.assertions.filter(({ key }) => key === 'key-0' || key === 'key-1'),
  task_registrations: allVectors.task_registrations.filter(({ key }) => key === 'key-0'),
  sealed_task_ids: allVectors.sealed_task_ids.filter(({ key }) => key === 'key-0' || key === 'key-1'),
};

/** Replaces functions of core and returns the groups of vectors that then fail. */
function findFailingGroups(changes: Partial<typeof core>): string[] {
  const results = runConformance({ ...core, ...changes }, { vectors, edgeCases, instances });
  return [...new Set(results.filter(({ ok }) => !ok).map(({ group }) => group))];
}

describe('the conformance suite', () => {
  it('passes the real core', () => {
    expect(findFailingGroups({})).toEqual([]);
  });

  it('detects a core that does not read PKCS#8 version 2', () => {
    const readAgentKey = (base64: string) => {
      if (base64.startsWith('MFECAQEw')) throw new Error('wrong tag');
      return core.readAgentKey(base64);
    };
    expect(findFailingGroups({ readAgentKey })).toEqual(['keys', 'invalid keys']);
  });

  it('detects a core that accepts any key document', () => {
    const [key] = vectors.keys.map(({ pkcs8_v1_base64 }) => core.readAgentKey(pkcs8_v1_base64));
    expect(findFailingGroups({ readAgentKey: () => key as core.AgentKey })).toContain('invalid keys');
  });

  it('detects a core whose keys show their private bytes', () => {
    const readAgentKey = (base64: string) => {
      const key = core.readAgentKey(base64);
      return {
        ...key,
        sign: key.sign.bind(key),
        toPkcs8Base64: key.toPkcs8Base64.bind(key),
        toJSON: () => base64,
      };
    };
    expect(findFailingGroups({ readAgentKey })).toContain('keys');
  });

  it('detects a core that accepts any signature', () => {
    const failing = findFailingGroups({ verifyAgentAssertion: () => {}, verifyTaskRegistration: () => {} });
    expect(failing).toEqual(['assertions', 'task registrations', 'tampering']);
  });

  it('detects a core that writes a different header', () => {
    const formatAgentAssertion = (assertion: core.AgentAssertion) =>
      `${core.formatAgentAssertion(assertion)}=`;
    expect(findFailingGroups({ formatAgentAssertion })).toEqual(['assertions']);
  });

  it('detects a core that accepts any instance assertion, or writes a different one', () => {
    expect(findFailingGroups({ verifyInstanceAssertion: () => {} })).toEqual(['instance assertions']);
    const createInstanceAssertion: typeof core.createInstanceAssertion = (...args) =>
      `${core.createInstanceAssertion(...args)}=`;
    expect(findFailingGroups({ createInstanceAssertion })).toEqual(['instance assertions']);
    const createInstanceAssertionSigner: typeof core.createInstanceAssertionSigner = (subject, effects) =>
      core.createInstanceAssertionSigner(subject, { ...effects, clock: () => 0 });
    expect(findFailingGroups({ createInstanceAssertionSigner })).toEqual(['instance assertions']);
  });

  it('detects a core that trims task ids or opens any box', () => {
    expect(findFailingGroups({ openSealedTaskId: () => 'task-run-1' })).toEqual([
      'sealed task ids',
      'tampering',
    ]);
  });

  it('detects a core that accepts any public key, or none', () => {
    const [any] = vectors.keys.map(({ public_key_ssh }) => core.readSshPublicKey(public_key_ssh));
    expect(findFailingGroups({ readSshPublicKey: () => any as core.AgentPublicKey })).toContain(
      'refused public keys',
    );
    const readSshPublicKey = () => {
      throw Object.assign(new Error(), { code: 'invalid_public_key' });
    };
    expect(findFailingGroups({ readSshPublicKey })).toEqual([
      'keys',
      'sealed task ids',
      'accepted public keys',
      'signatures',
      'instance assertions',
    ]);
  });
});
