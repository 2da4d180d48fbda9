/** The agent that the benches sign and verify for. */
export const agentRuntimeId = 'agent-1f0c2a3b-6a51-4f1e-9a2d-5f3f0a7c9e11';
export const accountId = 'account-1';

/** So many tasks that the assertions of ten minutes are distinct for a whole run. */
export const tasks: readonly string[] = Array.from(
  { length: 1000 },
  (_, i) => `task-9b1d7e52-0c54-4d55-8e0a-${String(i).padStart(12, '0')}`,
);
