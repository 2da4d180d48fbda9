import {
  createAssertionSigner,
  createInstanceAssertionSigner,
  detectAssertionGeneration,
} from 'agent-identity-core';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { subject as agent } from '../support/fixed-agent.js';
import { subject as instance } from '../support/fixed-instance.js';

describe('detectAssertionGeneration', () => {
  it('returns 1 for the header of an agent assertion', () => {
    expect(detectAssertionGeneration(fixedAgent.assertionHeader)).toBe(1);
    expect(detectAssertionGeneration(createAssertionSigner(agent).authorizationHeader())).toBe(1);
  });

  it('returns 2 for the header of an instance assertion', () => {
    const signer = createInstanceAssertionSigner(instance);
    expect(detectAssertionGeneration(signer.authorizationHeader())).toBe(2);
  });

  it('goes by the dots alone, so that malformed values reach one of the parsers', () => {
    expect(detectAssertionGeneration('AgentAssertion ')).toBe(1);
    expect(detectAssertionGeneration('AgentAssertion  x')).toBe(1);
    expect(detectAssertionGeneration('AgentAssertion .')).toBe(2);
    expect(detectAssertionGeneration('AgentAssertion 2.x.y.z')).toBe(2);
  });

  it.each(['', 'Bearer a.b.c', 'AgentAssertion', 'agentassertion eyJ', 'Basic x', null, undefined, 7])(
    'returns undefined for %j',
    (value) => {
      expect(detectAssertionGeneration(value as string)).toBeUndefined();
    },
  );
});
