import { isAgentIdentityError } from 'agent-identity-core';
import type { RunEvent, RunObserver, RunOperation, RunOperationResult } from './run-observer.js';

/** All observers of a run as one that never throws. */
export interface RunObservation {
  notify(event: RunEvent): void;
  /** Runs an operation under the observers' eyes, and lets its outcome through as it is. */
  watch<T>(
    operation: RunOperation,
    work: () => Promise<T>,
    told: (value: T) => { readonly agentRuntimeId?: string; readonly taskId?: string },
  ): Promise<T>;
}

export function observeRun(observers: readonly RunObserver[]): RunObservation {
  return {
    notify(event) {
      for (const observer of observers) quietly(() => observer.onEvent?.(event));
    },
    async watch(operation, work, told) {
      const ends = observers.map((observer) => quietly(() => observer.onOperation?.(operation)));
      const end = (result: RunOperationResult) => {
        for (const onEnd of ends) quietly(() => onEnd?.(result));
      };
      try {
        const value = await work();
        end({ outcome: 'succeeded', ...told(value) });
        return value;
      } catch (error) {
        end({ outcome: 'failed', ...describeFailure(error) });
        throw error;
      }
    },
  };
}

/** The code and the status of an error, and nothing else of it. */
export function describeFailure(error: unknown): {
  readonly errorCode: string;
  readonly httpStatus?: number;
} {
  if (!isAgentIdentityError(error)) return { errorCode: 'unexpected_error' };
  const httpStatus: unknown = Reflect.get(error, 'status');
  return { errorCode: error.code, ...(typeof httpStatus === 'number' && { httpStatus }) };
}

function quietly<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
