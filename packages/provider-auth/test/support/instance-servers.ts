import {
  type AgentPublicKey,
  isAgentIdentityError,
  parseInstanceAssertion,
  readSshPublicKey,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import type { InstanceActor } from 'agent-identity-core/wire';
import type { RuntimeAgentInstancesOptions } from 'provider-auth';
import {
  type Answer,
  type LoopbackServer,
  loopbackServer,
  type RecordedRequest,
  type Reply,
} from 'test-support';
import { now } from './first-party.js';

export const installationId = 'c77b29af-1f5f-4e5c-a007-978c11d359e1';
export const chatgptActor: InstanceActor = {
  kind: 'chatgpt',
  user_id: 'user-1',
  account_id: 'account-of-actor',
};
export const platformActor: InstanceActor = {
  kind: 'platform',
  user_id: 'user-1',
  organization_id: 'org-1',
  project_id: null,
};

/** The state of the servers, which a test may change while they run. */
interface InstanceServersState {
  actor: InstanceActor;
  /** Answers a registration in place of the server. */
  answerRegistration: Answer | undefined;
  /** Answers a request that the provider has authenticated. */
  answerRequest: Answer;
  /** The instances that the provider refuses, with the code and status it gives. */
  readonly refused: Map<string, { readonly status: number; readonly code: string }>;
  /** The provider's clock, for judging signatures and for its `Date` header, which is not sent while undefined. */
  serverNow: number | undefined;
}

/** A registration server and a provider that accepts each assertion once, over real HTTP. */
export interface InstanceServers {
  readonly state: InstanceServersState;
  readonly registry: LoopbackServer;
  readonly provider: LoopbackServer & { readonly baseUrl: string };
  /** The instance ids, in the order of their registration. */
  readonly instanceIds: readonly string[];
  /** Returns the options of the policy, for this server and this provider. */
  options(more?: Partial<RuntimeAgentInstancesOptions>): RuntimeAgentInstancesOptions;
  /** Answers a registration as the server does by default. */
  register(request: RecordedRequest): Reply;
  /** Judges the assertion of a request. */
  judge(request: RecordedRequest): Reply | undefined;
}

export async function instanceServers(): Promise<InstanceServers> {
  const state: InstanceServersState = {
    actor: platformActor,
    answerRegistration: undefined,
    answerRequest: ({ body }) => ({ body: { said: body } }),
    refused: new Map(),
    serverNow: undefined,
  };
  const keys = new Map<string, AgentPublicKey>();
  const usedIds = new Set<string>();

  const registry = await loopbackServer(async (request, response) => {
    if (state.answerRegistration) return state.answerRegistration(request, response);
    return answerRegistration(request, keys, state.actor);
  });

  const judge = (request: RecordedRequest) => refusalOfAssertion(request, { keys, usedIds, state });
  const provider = await loopbackServer(async (request, response) => {
    const reply = judge(request) ?? (await state.answerRequest(request, response));
    if (reply === undefined || state.serverNow === undefined) return reply;
    return { ...reply, headers: { date: new Date(state.serverNow).toUTCString(), ...reply.headers } };
  });
  return {
    state,
    registry,
    provider: { ...provider, baseUrl: `${provider.origin}/v1` },
    get instanceIds() {
      return [...keys.keys()];
    },
    options: (more) => ({
      installationId,
      mode: 'dual_header',
      hosts: ['127.0.0.1'],
      instanceBaseUrl: registry.origin,
      ...more,
    }),
    register: (request) => answerRegistration(request, keys, state.actor),
    judge,
  };
}

/** What the provider knows. */
interface Known {
  readonly keys: ReadonlyMap<string, AgentPublicKey>;
  readonly usedIds: Set<string>;
  readonly state: InstanceServersState;
}

function refusalOfAssertion(request: RecordedRequest, { keys, usedIds, state }: Known): Reply | undefined {
  try {
    const assertion = parseInstanceAssertion(assertionOf(request));
    const { runtimeAgentInstanceId: instanceId, id } = assertion;
    const publicKey = keys.get(instanceId);
    if (publicKey === undefined) return refusal(401, 'runtime_instance_not_found');
    verifyInstanceAssertion(assertion, { publicKey }, { clock: () => state.serverNow ?? now });
    if (usedIds.has(id)) return refusal(401, 'replayed');
    usedIds.add(id);
    const refused = state.refused.get(instanceId);
    return refused && refusal(refused.status, refused.code);
  } catch (error) {
    return refusal(403, isAgentIdentityError(error) ? error.code : 'unexpected_error');
  }
}

/** Registers as the page says: the same key and body get the same answer. */
function answerRegistration(
  { body }: RecordedRequest,
  keys: Map<string, AgentPublicKey>,
  actor: InstanceActor,
): Reply {
  const publicKey = readSshPublicKey(JSON.parse(body).public_key);
  const known = [...keys].find(([, key]) => key.ssh === publicKey.ssh)?.[0];
  const runtime_agent_instance_id = known ?? `instance-${keys.size + 1}`;
  keys.set(runtime_agent_instance_id, publicKey);
  return { body: { runtime_agent_instance_id, agent_host_id: 'host-1', actor } };
}

export function refusal(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'refused' } } };
}

/** The assertion of a request, in the header of either mode. */
export function assertionOf({ headers }: RecordedRequest): string {
  return headers['x-openai-agent-assertion'] ?? headers['authorization'] ?? '';
}

/** The instance that signed a request. */
export function instanceOf(request: RecordedRequest): string {
  return parseInstanceAssertion(assertionOf(request)).runtimeAgentInstanceId;
}

export function actorAuthOf({ body }: RecordedRequest): unknown {
  return JSON.parse(body).actor_auth;
}
