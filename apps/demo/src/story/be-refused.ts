import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority';
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
import { demoAccount, type LoopbackWorld } from '../servers/loopback-world.js';
import { shorten } from '../timeline/shorten.js';
import type { Chapter } from '../timeline/timeline.js';
import type { SigningKeys } from './issue-identity.js';
import { post } from './post.js';

/** What must fail, and how: by status and by the code in the body. */
export async function beRefused(
  step: Chapter,
  world: LoopbackWorld,
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
        `${world.providerUrl}/responses`,
        { ...genuine, ...changed },
        { input: 'Hello' },
      );
      return { ...exchange, asTold: exchange.status === status && errorCode(exchange.text) === code };
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
    'The request names an account of somebody else',
    { 'ChatGPT-Account-ID': 'account-other' },
    403,
    'account_mismatch',
  );
  await refuseForeignJwt(step, signingKeys);
  await world.authority.revokeAgentRuntime(agentRuntimeId);
  await refuse('The authority has revoked the runtime', {}, 403, 'agent_runtime_deleted');
}

/** A JWT of another authority names a key that this one's JWKS does not have. */
async function refuseForeignJwt(step: Chapter, { jwks, exchanges }: SigningKeys): Promise<void> {
  const stranger = await createAuthority({ store: memoryStore(), authenticator: staticTokens([]) });
  const { jwt } = await stranger.issueAgentIdentityJwt({ account: demoAccount });
  await step('A JWT is signed by a key that the authority never published', async () => {
    const error = await verifyAgentIdentityJwt(jwt, { jwks }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const code = isAgentIdentityError(error) ? error.code : 'none';
    const lookUp = exchanges.at(-1)?.summary;
    return {
      sent: `${shorten(jwt)} is judged here, after one look for new keys:\n${lookUp}`,
      received: `error ${code}`,
      asTold: code === 'unknown_kid',
    };
  });
}

function errorCode(body: string): unknown {
  return JSON.parse(body)?.error?.code;
}
