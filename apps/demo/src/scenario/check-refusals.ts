import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import {
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  isAgentIdentityError,
  parseAgentAssertion,
  readAgentKey,
} from 'agent-identity-core';
import { verifyAgentIdentityJwt } from 'agent-identity-jwt';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import { demoAccount, type LoopbackServers } from '../servers/loopback-servers.js';
import { shorten } from '../timeline/shorten.js';
import type { Section } from '../timeline/timeline.js';
import type { SigningKeys } from './issue-identity.js';
import { errorCode, post } from './post.js';

/** Sends requests that must be refused, and checks the status and the code of each response. */
export async function checkRefusals(
  step: Section,
  servers: LoopbackServers,
  auth: AgentIdentityAuth,
  signingKeys: SigningKeys,
) {
  const genuine = auth.headers();
  const assertion = parseAgentAssertion(auth.authorizationHeader());
  const { agentRuntimeId, taskId } = assertion;
  const agentKey = readAgentKey(auth.record.agent_private_key);
  const tenMinutesAgo = () => Date.now() - 600_000;

  const refuse = (title: string, changed: Record<string, string>, status: number, code: string) =>
    step(title, async () => {
      const exchange = await post(
        `${servers.providerUrl}/responses`,
        { ...genuine, ...changed },
        { input: 'Hello' },
      );
      return { ...exchange, passed: exchange.status === status && errorCode(exchange.text) === code };
    });

  await refuse(
    'The task id is changed after signing',
    { Authorization: formatAgentAssertion({ ...assertion, taskId: `${taskId}x` }) },
    401,
    'invalid_signature',
  );
  await refuse(
    'Another key signs for this runtime',
    {
      Authorization: formatAgentAssertion(
        createAgentAssertion({ agentKey: generateAgentKey(), agentRuntimeId, taskId }),
      ),
    },
    401,
    'invalid_signature',
  );
  await refuse(
    'The assertion is ten minutes old',
    {
      Authorization: formatAgentAssertion(
        createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock: tenMinutesAgo }),
      ),
    },
    401,
    'assertion_expired',
  );
  await refuse(
    'The request names an account that does not own the agent',
    { 'ChatGPT-Account-ID': 'account-other' },
    403,
    'account_mismatch',
  );
  await refuseForeignJwt(step, signingKeys);
  await servers.authority.revokeAgentRuntime(agentRuntimeId);
  await refuse('The authority has revoked the runtime', {}, 403, 'agent_runtime_deleted');
}

/** Verifies a JWT of another authority, whose `kid` is not in the JWKS of this one. */
async function refuseForeignJwt(step: Section, { jwks, exchanges }: SigningKeys): Promise<void> {
  const otherAuthority = await createAuthority({ store: memoryStore(), authenticator: staticTokens([]) });
  const { jwt } = await otherAuthority.issueAgentIdentityJwt({ account: demoAccount });
  await step('A JWT is signed by a key that the authority never published', async () => {
    const error = await verifyAgentIdentityJwt(jwt, { jwks }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const code = isAgentIdentityError(error) ? error.code : 'none';
    const lookup = exchanges.at(-1)?.summary;
    return {
      sent: `nothing; ${shorten(jwt)} is verified locally, after one request for new keys:\n${lookup}`,
      received: `error ${code}`,
      passed: code === 'unknown_kid',
    };
  });
}
