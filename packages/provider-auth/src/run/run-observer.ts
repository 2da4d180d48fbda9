/**
 * Work of a run that takes time and may fail. Nothing in it is secret.
 *
 * | name | what it is |
 * |---|---|
 * | `bootstrap` | managed ChatGPT auth is asked for an agent identity (docs/protocol.md section 9); what it registers, a task included, is no operation of its own |
 * | `task_registration` | a task is registered, for the run or in place of one that the server no longer knows |
 * | `recovery` | a task that the server called invalid is replaced, the registration included |
 */
export type RunOperation =
  | { readonly name: 'bootstrap' }
  | {
      readonly name: 'task_registration';
      readonly purpose: 'run' | 'replacement';
      readonly agentRuntimeId: string;
      /** The recovery that a replacement is part of: the very object that observers were given for it. */
      readonly within?: RunOperation;
    }
  | { readonly name: 'recovery'; readonly agentRuntimeId: string; readonly failedTaskId: string };

/** How it ended. */
export type RunOperationResult =
  | { readonly outcome: 'succeeded'; readonly agentRuntimeId?: string; readonly taskId?: string }
  | {
      readonly outcome: 'failed';
      /** The `code` of the error; `unexpected_error` for one that has none. */
      readonly errorCode: string;
      /** The status of the AuthAPI's last answer, if the error tells one. */
      readonly httpStatus?: number;
    };

/**
 * What happened in a run, for the caller to know of. Nothing in it is secret.
 *
 * | type | meaning |
 * |---|---|
 * | `task_replaced` | all requests from now on are signed under the new task |
 * | `task_replacement_failed` | no replacement could be registered; the callers got the 401 as it came |
 * | `task_not_saved` | the new task works, but the store that its record came from did not take it |
 * | `agent_runtime_ended` | the runtime is deleted or unknown: every further request fails with `code` |
 * | `bearer_fallback_engaged` | no agent identity can be had now: bearer for the rest of the session |
 * | `clock_offset_learned` | our clock is off by so many seconds, and signatures are dated by the server's from now on |
 * | `clock_offset_refused` | a server's `Date` is off by more than is believed; nothing was changed |
 */
export type RunEvent =
  | {
      readonly type: 'task_replaced';
      readonly agentRuntimeId: string;
      readonly taskId: string;
      readonly replacedTaskId: string;
    }
  | {
      readonly type: 'task_replacement_failed' | 'task_not_saved';
      readonly agentRuntimeId: string;
      readonly taskId: string;
      readonly errorCode: string;
    }
  | {
      readonly type: 'agent_runtime_ended';
      readonly agentRuntimeId: string;
      readonly code: 'agent_runtime_deleted' | 'invalid_agent_runtime_id';
    }
  | { readonly type: 'bearer_fallback_engaged'; readonly errorCode: string }
  | {
      readonly type: 'clock_offset_learned' | 'clock_offset_refused';
      /** The server's time minus ours, in whole seconds. */
      readonly offsetSeconds: number;
      readonly server: 'authapi' | 'provider';
    };

/** Watches a run. What an observer throws is dropped: watching must not break a request. */
export interface RunObserver {
  /** Called when an operation begins; the function it returns, when it ends. */
  onOperation?(operation: RunOperation): ((result: RunOperationResult) => void) | undefined;
  onEvent?(event: RunEvent): void;
}
