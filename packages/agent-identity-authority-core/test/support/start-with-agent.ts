import type { AuthorityEffects, CreateAuthorityOptions } from 'agent-identity-authority-core';
import {
  type AgentKey,
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  signTaskRegistration,
} from 'agent-identity-core';
import { manualClock } from 'test-support';
import { now, type StartedAuthority, startAuthority } from './start-authority.js';

export interface RegisteredAgent extends StartedAuthority {
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** Returns a new value for the agent's `Authorization` header. */
  header(): string;
  advance(seconds: number): void;
}

/** Starts an authority with a runtime and a task. */
export async function startWithAgent(
  options: Partial<CreateAuthorityOptions> = {},
  effects: AuthorityEffects = {},
): Promise<RegisteredAgent> {
  const { clock, advance } = manualClock(now);
  const started = await startAuthority(options, { ...effects, clock });
  const agentKey = generateAgentKey();
  const agentRuntimeId = await started.register(agentKey);
  const registration = signTaskRegistration({ agentKey, agentRuntimeId }, { clock });
  const taskId: string = (await started.registerTask(agentRuntimeId, registration)).body.task_id;
  return {
    ...started,
    agentKey,
    agentRuntimeId,
    taskId,
    header: () => formatAgentAssertion(createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock })),
    advance,
  };
}
