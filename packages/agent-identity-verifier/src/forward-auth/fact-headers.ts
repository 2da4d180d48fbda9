import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { VerifiedAgent } from '../verified-agent.js';

/**
 * What a service behind a proxy learns of an agent:
 *
 * - `agentId`: the id of the runtime or, in the second generation, of the instance
 * - `generation`: `1` or `2`
 * - `taskId`: of the first generation
 * - `accountId`, `userId`, `organizationId`, `projectId`: whom the agent belongs to or acts for, where it is known
 * - `capabilities`: what the agent may do, with spaces between them
 */
export type AgentFact =
  | 'agentId'
  | 'generation'
  | 'taskId'
  | 'accountId'
  | 'userId'
  | 'organizationId'
  | 'projectId'
  | 'capabilities';

/** The header of each fact; `false` for none. */
export type FactHeaders = Readonly<Record<AgentFact, string | false>>;

const defaultHeaders: FactHeaders = {
  agentId: 'x-agent-id',
  generation: 'x-agent-generation',
  taskId: 'x-agent-task-id',
  accountId: 'x-agent-account-id',
  userId: 'x-agent-user-id',
  organizationId: 'x-agent-organization-id',
  projectId: 'x-agent-project-id',
  capabilities: 'x-agent-capabilities',
};

const facts = Object.keys(defaultHeaders) as readonly AgentFact[];

/**
 * Creates the function that writes the facts of an agent as headers. Each header is always there, empty if there is no such
 * fact, so that a proxy that copies it replaces what the client sent.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function createFactWriter(
  names: Partial<FactHeaders>,
): (agent: VerifiedAgent) => Record<string, string> {
  requireKnownOptions(names, facts, 'headers');
  const headers = { ...defaultHeaders, ...names };
  for (const fact of facts) {
    const name = headers[fact];
    if (name !== false && (typeof name !== 'string' || !/^[a-z][a-z\d-]*$/i.test(name))) {
      throw invalidArgument(`headers.${fact}`, 'the name of a header, or false', name);
    }
  }
  return (agent) => {
    const values = factsOf(agent);
    return Object.fromEntries(
      facts.flatMap((fact) =>
        headers[fact] === false ? [] : [[headers[fact], [values[fact] ?? []].flat().map(encode).join(' ')]],
      ),
    );
  };
}

function factsOf(agent: VerifiedAgent): Partial<Record<AgentFact, string | readonly string[] | undefined>> {
  const generation = String(agent.generation);
  const { accountId, capabilities } = agent;
  if (agent.generation === 1) {
    return { agentId: agent.agentRuntimeId, generation, taskId: agent.taskId, accountId, capabilities };
  }
  const { runtimeAgentInstanceId: agentId, actor } = agent;
  return actor.kind === 'chatgpt'
    ? { agentId, generation, accountId, userId: actor.userId }
    : {
        agentId,
        generation,
        userId: actor.userId,
        organizationId: actor.organizationId,
        projectId: actor.projectId ?? undefined,
      };
}

/** Percent-encodes what is not visible ASCII, and `%` itself: an id cannot add a header, and no two ids look alike. */
function encode(value: string): string {
  return value.replace(/[^!-$&-~]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(
      '',
    ),
  );
}
