import type { AuthorityEffects, CreateAuthorityOptions } from 'agent-identity-authority-core';
import {
  type AgentKey,
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  signTaskRegistration,
} from 'agent-identity-core';
import { now, type StartedAuthority, startAuthority } from './start-authority.js';

export interface RegisteredAgent extends StartedAuthority {
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** The value of an `Authorization` header of the agent, made now. */
  header(): string;
  passTime(seconds: number): void;
}

/** A started authority, and a runtime with a task. */
export async function startWithAgent(
  options: Partial<CreateAuthorityOptions> = {},
  effects: AuthorityEffects = {},
): Promise<RegisteredAgent> {
  let time = now;
  const clock = () => time;
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
    passTime(seconds) {
      time += seconds * 1000;
    },
  };
}
