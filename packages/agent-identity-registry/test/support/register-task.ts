import type { HttpEffects } from 'agent-identity-core/http';
import { type RegisterRunTaskOptions, readAgentIdentity, registerRunTask } from 'agent-identity-registry';
import { record } from './fixed-agent.js';
import { recordingEffects } from './recording-effects.js';

/** Registers a task of `agent-123`, or of another runtime with the same key. */
export async function registerTask(
  options: RegisterRunTaskOptions,
  effects: HttpEffects = recordingEffects(),
  agentRuntimeId: string = record.agent_runtime_id,
): Promise<string> {
  const identity = readAgentIdentity({ ...record, agent_runtime_id: agentRuntimeId });
  return registerRunTask(identity, options, effects);
}
