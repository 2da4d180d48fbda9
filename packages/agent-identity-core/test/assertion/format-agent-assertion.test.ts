import { formatAgentAssertion } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion } from '../support/fixed-agent.js';

const { assertionHeader } = fixedAgent;

const limit = 4096;

describe('formatAgentAssertion', () => {
  it('writes the header of the conformance vector', () => {
    expect(formatAgentAssertion(fixedAssertion)).toBe(assertionHeader);
  });

  it('writes compact JSON with the four members in protocol order, whatever the order of the input', () => {
    const { agentRuntimeId, taskId, timestamp, signature } = fixedAssertion;
    const header = formatAgentAssertion({ timestamp, taskId, signature, agentRuntimeId });
    expect(Buffer.from(header.slice('AgentAssertion '.length), 'base64url').toString()).toBe(
      `{"agent_runtime_id":"agent-123","signature":"${signature}","task_id":"task-123","timestamp":"${timestamp}"}`,
    );
  });

  it('drops members other than the four', () => {
    const more = { ...fixedAssertion, account: 'x', agent_private_key: 'y' };
    expect(formatAgentAssertion(more)).toBe(assertionHeader);
  });

  it('writes base64url without padding, whatever the length', () => {
    for (const taskId of ['t', 'tt', 'ttt', 'ÿÿÿ', '>>>>', '????']) {
      expect(formatAgentAssertion({ ...fixedAssertion, taskId })).toMatch(/^AgentAssertion [\w-]+$/);
    }
  });

  it('writes at most 4 KiB and refuses more with invalid_argument', () => {
    const lengthWith = (characters: number) =>
      formatAgentAssertion({ ...fixedAssertion, taskId: 't'.repeat(characters) }).length;
    let characters = 1;
    while (lengthWith(characters) < limit - 1) characters += 1;
    // No header has exactly 4096 characters: after the scheme, 4081 would be left, a length that base64url does not have.
    expect(lengthWith(characters)).toBe(limit - 1);
    const error = thrownBy(() => lengthWith(characters + 1));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).not.toContain('ttt');
  });
});
