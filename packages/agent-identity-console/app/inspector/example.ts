import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';

/** Signs an assertion with a key that exists only in this page. */
export function createExample(): { readonly text: string; readonly key: string } {
  const agentKey = generateAgentKey();
  const assertion = createAgentAssertion({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });
  return { text: `Authorization: ${formatAgentAssertion(assertion)}`, key: agentKey.publicKey.ssh };
}
