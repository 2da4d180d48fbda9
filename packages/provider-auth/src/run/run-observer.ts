/**
 * An operation of a run: it takes time and may fail. Contains no secrets.
 *
 * | name | meaning |
 * |---|---|
 * | `bootstrap` | a managed ChatGPT login obtains an agent identity (docs/protocol.md section 9); its registrations are not operations of their own |
 * | `task_registration` | a task is registered, for the run or as a replacement |
 * | `instance_registration` | a runtime agent instance of the second generation is registered (docs/protocol-instances.md section 2) |
 * | `recovery` | a task that the server called invalid is replaced, including the registration |
 */
export type RunOperation =
  | { readonly name: 'bootstrap' }
  | { readonly name: 'instance_registration'; readonly generation: 2 }
  | {
      readonly name: 'task_registration';
      readonly purpose: 'run' | 'replacement';
      readonly agentRuntimeId: string;
      /** The recovery that a replacement belongs to: the same object that observers received for it. */
      readonly within?: RunOperation | undefined;
    }
  | { readonly name: 'recovery'; readonly agentRuntimeId: string; readonly failedTaskId: string };

/** The outcome of a {@link RunOperation}. Contains no secrets. */
export type RunOperationResult =
  | {
      readonly outcome: 'succeeded';
      readonly agentRuntimeId?: string | undefined;
      readonly taskId?: string | undefined;
      readonly runtimeAgentInstanceId?: string | undefined;
    }
  | {
      readonly outcome: 'failed';
      /** The error's `code`, or `unexpected_error` for an error without one. */
      readonly errorCode: string;
      /** The status of the AuthAPI's last response, if the error has one. */
      readonly httpStatus?: number | undefined;
    };

/**
 * An event of a run. Contains no secrets.
 *
 * | type | meaning |
 * |---|---|
 * | `task_replaced` | all further requests are signed under the new task |
 * | `task_replacement_failed` | no replacement was registered; the callers received the 401 unchanged |
 * | `task_not_saved` | the new task works, but the store that holds the record could not be updated |
 * | `agent_runtime_ended` | the runtime is deleted or unknown; every further request fails with `code` |
 * | `agent_runtime_end_not_saved` | the store could not remember that; the next process sends one more request |
 * | `instance_replaced` | the access token has changed, so another runtime agent instance signs from now on |
 * | `instance_ended` | the server refused the instance for good; every further request with its credential fails with `code` |
 * | `bearer_fallback_engaged` | agent identity is unavailable; the session uses its bearer token from now on |
 * | `bearer_refresh_failed` | a provider refused the ChatGPT token, and no other one could be obtained; the caller received the 401 unchanged |
 * | `clock_offset_learned` | the local clock is off by `offsetSeconds`; signatures use the server's time from now on |
 * | `clock_offset_refused` | a server's `Date` is too far off to be believed; nothing changed |
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
      readonly type: 'agent_runtime_end_not_saved';
      readonly agentRuntimeId: string;
      readonly errorCode: string;
    }
  | {
      readonly type: 'agent_runtime_ended';
      readonly agentRuntimeId: string;
      readonly code: 'agent_runtime_deleted' | 'invalid_agent_runtime_id';
    }
  | {
      readonly type: 'instance_replaced';
      /** The generation of the protocol. */
      readonly generation: 2;
      readonly runtimeAgentInstanceId: string;
      readonly replacedInstanceId: string;
    }
  | {
      readonly type: 'instance_ended';
      readonly generation: 2;
      readonly runtimeAgentInstanceId: string;
      readonly code: 'runtime_instance_revoked' | 'runtime_assertion_invalid';
    }
  | { readonly type: 'bearer_fallback_engaged' | 'bearer_refresh_failed'; readonly errorCode: string }
  | {
      readonly type: 'clock_offset_learned' | 'clock_offset_refused';
      /** The server's time minus the local time, in whole seconds. */
      readonly offsetSeconds: number;
      readonly server: 'authapi' | 'provider';
    };

/** Observes a run. It has at least one of the two methods. Errors that they throw are ignored. */
export interface RunObserver {
  /** Called when an operation starts. The returned function is called when it ends. */
  onOperation?(operation: RunOperation): ((result: RunOperationResult) => void) | undefined;
  onEvent?(event: RunEvent): void;
}
