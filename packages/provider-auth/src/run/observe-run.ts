import { isAgentIdentityError } from 'agent-identity-core';
import { ignoringErrors } from 'agent-identity-core/http';
import type { RunEvent, RunObserver, RunOperation, RunOperationResult } from './run-observer.js';

/** All observers of a run as one that never throws. */
export interface RunObservation {
  notify(event: RunEvent): void;
  /** Runs an operation, reports its start and end, and returns its outcome unchanged. */
  watch<T>(
    operation: RunOperation,
    work: () => Promise<T>,
    describeSuccess: (value: T) => {
      readonly agentRuntimeId?: string;
      readonly taskId?: string;
      readonly runtimeAgentInstanceId?: string;
    },
  ): Promise<T>;
}

export function observeRun(observers: readonly RunObserver[]): RunObservation {
  return {
    notify(event) {
      for (const observer of observers) ignoringErrors(() => observer.onEvent?.(event));
    },
    async watch(operation, work, describeSuccess) {
      const ends = observers.map((observer) => ignoringErrors(() => observer.onOperation?.(operation)));
      const end = (result: RunOperationResult) => {
        for (const onEnd of ends) ignoringErrors(() => onEnd?.(result));
      };
      try {
        const value = await work();
        end({ outcome: 'succeeded', ...describeSuccess(value) });
        return value;
      } catch (error) {
        end({ outcome: 'failed', ...describeFailure(error) });
        throw error;
      }
    },
  };
}

/** Returns the code and the HTTP status of an error, and nothing else of it. */
export function describeFailure(error: unknown): {
  readonly errorCode: string;
  readonly httpStatus?: number;
} {
  if (!isAgentIdentityError(error)) return { errorCode: 'unexpected_error' };
  const httpStatus: unknown = Reflect.get(error, 'status');
  return { errorCode: error.code, ...(typeof httpStatus === 'number' && { httpStatus }) };
}
