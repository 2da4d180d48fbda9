import {
  type AgentKey,
  generateAgentKey,
  isAgentIdentityError,
  parseAgentAssertion,
  verifyAgentAssertion,
  verifyTaskRegistration,
} from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  type Answer,
  type LoopbackServer,
  loopbackServer,
  type RecordedRequest,
  type Reply,
} from 'test-support';

/** 2026-04-23T00:00:00Z, in milliseconds. */
export const now: number = Date.UTC(2026, 3, 23);
export const clock = (): number => now;

export const agentRuntimeId = 'agent-1';
export const accountId = 'account-1';

/** The state of the servers, which a test may change while they run. */
export interface FirstPartyState {
  /** The tasks that the provider accepts. */
  readonly liveTasks: Set<string>;
  isRuntimeDeleted: boolean;
  /** The server's clock, for its `Date` header and for judging signatures; no `Date` header while undefined. */
  serverNow: number | undefined;
  /** Answers a task registration in place of the AuthAPI. */
  answerRegistration: Answer | undefined;
  /** Answers what the provider has authenticated. */
  answerRequest: Answer;
}

/** An AuthAPI and a provider that know one agent runtime, over real HTTP. */
export interface FirstParty {
  readonly state: FirstPartyState;
  readonly record: AgentIdentityRecord;
  readonly agentKey: AgentKey;
  readonly authapi: LoopbackServer & { readonly authapiBaseUrl: string };
  readonly provider: LoopbackServer & { readonly baseUrl: string };
}

export const invalidTask: Reply = {
  status: 401,
  body: { error: { code: 'task_expired', message: 'The task has expired.' } },
};
export const deletedRuntime: Reply = {
  status: 403,
  body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
};

export async function firstParty(): Promise<FirstParty> {
  const agentKey = generateAgentKey();
  const state: FirstPartyState = {
    liveTasks: new Set(),
    isRuntimeDeleted: false,
    serverNow: undefined,
    answerRegistration: undefined,
    answerRequest: ({ body }) => ({ body: { said: body } }),
  };
  const dated = (reply: Reply | undefined): Reply | undefined =>
    reply === undefined || state.serverNow === undefined
      ? reply
      : { ...reply, headers: { date: new Date(state.serverNow).toUTCString(), ...reply.headers } };
  let registered = 0;
  const authapi = await loopbackServer(async (request, response) => {
    if (state.answerRegistration) return dated(await state.answerRegistration(request, response));
    const refusal = refusalOfRegistration(request, agentKey, state);
    if (refusal) return dated(refusal);
    registered += 1;
    state.liveTasks.add(`task-${registered}`);
    return dated({ body: { task_id: `task-${registered}` } });
  });
  const provider = await loopbackServer(async (request, response) =>
    dated(refusalOf(request, agentKey, state) ?? (await state.answerRequest(request, response))),
  );
  return {
    state,
    record: recordOf(agentKey),
    agentKey,
    authapi: { ...authapi, authapiBaseUrl: `${authapi.origin}/api/accounts` },
    provider: { ...provider, baseUrl: `${provider.origin}/v1` },
  };
}

/** The task that a request was signed under. */
export function taskOf({ headers }: RecordedRequest): string {
  return parseAgentAssertion(headers['authorization'] ?? '').taskId;
}

function recordOf(agentKey: AgentKey): AgentIdentityRecord {
  return {
    agent_runtime_id: agentRuntimeId,
    agent_private_key: agentKey.toPkcs8Base64(),
    account_id: accountId,
    chatgpt_user_id: 'user-1',
    email: 'someone@example.test',
    plan_type: 'pro',
    chatgpt_account_is_fedramp: false,
  };
}

function refusalOfRegistration(
  { body }: RecordedRequest,
  { publicKey }: AgentKey,
  { serverNow = now, isRuntimeDeleted }: FirstPartyState,
): Reply | undefined {
  if (isRuntimeDeleted) return deletedRuntime;
  try {
    const { timestamp, signature } = JSON.parse(body);
    verifyTaskRegistration(
      { agentRuntimeId, timestamp, signature },
      { publicKey },
      { clock: () => serverNow },
    );
    return undefined;
  } catch (error) {
    return refusedBy(error);
  }
}

export function refusalOf(
  { headers }: RecordedRequest,
  { publicKey }: AgentKey,
  { serverNow = now, isRuntimeDeleted, liveTasks }: FirstPartyState,
): Reply | undefined {
  try {
    const assertion = parseAgentAssertion(headers['authorization'] ?? '');
    verifyAgentAssertion(assertion, { publicKey }, { clock: () => serverNow });
    if (isRuntimeDeleted) return deletedRuntime;
    if (headers['chatgpt-account-id'] !== accountId) return refused(403, 'account_mismatch');
    return liveTasks.has(assertion.taskId) ? undefined : invalidTask;
  } catch (error) {
    return refusedBy(error);
  }
}

function refusedBy(error: unknown): Reply {
  return refused(401, isAgentIdentityError(error) ? error.code : 'malformed_assertion');
}

function refused(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'refused' } } };
}
