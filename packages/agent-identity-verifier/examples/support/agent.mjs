import { createAssertionSigner, generateAgentKey } from 'agent-identity-core';
import { memoryDirectory } from 'agent-identity-verifier';

const agentKey = generateAgentKey();
const signer = createAssertionSigner({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });

/** The directory of the service: one agent with one task. */
export const directory = memoryDirectory();
directory.putAgentRuntime({
  agentRuntimeId: 'agent-1',
  publicKey: agentKey.publicKey,
  accountId: 'account-1',
});
directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });

/** Calls the service as that agent, as a stranger, and after the task was revoked; prints the responses. */
export async function callAs(origin) {
  const headers = () => ({
    authorization: signer.authorizationHeader(),
    'chatgpt-account-id': 'account-1',
  });
  await print('the agent', fetch(`${origin}/v1/whoami`, { headers: headers() }));
  await print('a stranger', fetch(`${origin}/v1/whoami`));
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1', status: 'revoked' });
  await print('after revocation', fetch(`${origin}/v1/whoami`, { headers: headers() }));
}

async function print(caller, pending) {
  const response = await pending;
  console.log(`${caller}: ${response.status} ${await response.text()}`);
}
