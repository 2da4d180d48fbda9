import type { AgentIdentityAuth } from 'agent-identity-registry';
import { type ProviderAuthError, providerAuthError } from '../errors.js';
import type { AgentIdentitySource } from './agent-identity-source.js';
import { describeFailure } from './observe-run.js';
import type { RunOperation } from './run-observer.js';
import type { RunScopeState } from './run-scope.js';
import { startRunTask } from './start-run-task.js';
import { isTerminalCode, type TerminalCode, terminalError } from './terminal-refusal.js';

/** The task that requests are signed under, until another takes its place. */
export interface RunTask {
  readonly taskId: string;
  readonly auth: AgentIdentityAuth;
  /** Aborted when the task is replaced or its runtime has ended: connections opened under it are to close. */
  readonly closeSignal: AbortSignal;
}

interface OwnedRunTask extends RunTask {
  close(reason: ProviderAuthError): void;
}

/**
 * An agent identity in a run: its one task, shared by all providers and callers, and how that task is replaced when
 * the server no longer knows it (docs/protocol.md sections 8, 10 and 11).
 */
export class AgentRun {
  readonly #source: AgentIdentitySource;
  readonly #scope: RunScopeState;
  #task: OwnedRunTask;
  #replacement: { readonly failedTaskId: string; readonly outcome: Promise<boolean> } | undefined;
  #noReplacementBefore = Number.NEGATIVE_INFINITY;
  #ended: ProviderAuthError | undefined;
  readonly #failedTaskIds = new Set<string>();

  constructor(source: AgentIdentitySource, auth: AgentIdentityAuth, scope: RunScopeState) {
    this.#source = source;
    this.#scope = scope;
    this.#task = ownedTask(auth);
  }

  get agentRuntimeId(): string {
    return this.#source.auth.record.agent_runtime_id;
  }

  /** Also there when the run has ended, for telling who acted. */
  get task(): RunTask {
    return this.#task;
  }

  /** @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` */
  requireNotEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Remembers for good that nothing can be signed for this runtime any more. */
  end(code: TerminalCode, cause?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = terminalError(code, cause);
    this.#scope.observation.notify({
      type: 'agent_runtime_ended',
      agentRuntimeId: this.agentRuntimeId,
      code,
    });
    this.#task.close(this.#ended);
  }

  /** The server took a request under this task: should it be refused later, that is news. */
  acknowledge(taskId: string): void {
    if (taskId === this.#task.taskId) this.#noReplacementBefore = Number.NEGATIVE_INFINITY;
  }

  /**
   * Replaces a task that the server called invalid: one replacement for all who ask meanwhile, and none if the task has
   * been replaced already. It does not reject: a failure is told to the observers.
   *
   * @returns whether a request signed under `failedTaskId` is worth signing again
   */
  async replaceTask(failedTaskId: string): Promise<boolean> {
    while (this.#replacement !== undefined) {
      if (this.#replacement.failedTaskId === failedTaskId) return this.#replacement.outcome;
      await this.#replacement.outcome;
    }
    if (this.#ended !== undefined) return false;
    if (failedTaskId !== this.#task.taskId) return true;
    if (this.#scope.effects.clock() < this.#noReplacementBefore) return false;
    const outcome = this.#exclusively(() => this.#replace(this.#task)).finally(() => {
      this.#replacement = undefined;
    });
    this.#replacement = { failedTaskId, outcome };
    return outcome;
  }

  /** Under the lock of the store, so that of all who share it one registers; without, where it cannot be had. */
  async #exclusively(work: () => Promise<boolean>): Promise<boolean> {
    let running: Promise<boolean> | undefined;
    const once = () => {
      running ??= work();
      return running;
    };
    try {
      return (await this.#source.taskStore?.exclusively(once)) ?? (await once());
    } catch {
      return once();
    }
  }

  async #replace(failed: OwnedRunTask): Promise<boolean> {
    const { observation, effects, replacementCooldownSeconds } = this.#scope;
    const { agentRuntimeId } = this;
    const recovery = { name: 'recovery', agentRuntimeId, failedTaskId: failed.taskId } as const;
    this.#failedTaskIds.add(failed.taskId);
    try {
      this.#task = await observation.watch(
        recovery,
        () => this.#startReplacement(recovery),
        ({ taskId }) => ({ agentRuntimeId, taskId }),
      );
    } catch (error) {
      this.#noteFailure(failed.taskId, error);
      return false;
    } finally {
      this.#noReplacementBefore = effects.clock() + replacementCooldownSeconds * 1000;
    }
    await this.#announce(failed);
    return true;
  }

  /** What another process has stored meanwhile, else a task that is registered now. */
  async #startReplacement(recovery: RunOperation): Promise<OwnedRunTask> {
    const { auth, registration } = this.#source;
    const record = { ...auth.record, task_id: await this.#storedTaskId() };
    const start = { record, registration, purpose: 'replacement', within: recovery } as const;
    return ownedTask(await startRunTask(start, this.#scope));
  }

  async #storedTaskId(): Promise<string | undefined> {
    try {
      const taskId = await this.#source.taskStore?.readTask(this.agentRuntimeId);
      return taskId === undefined || this.#failedTaskIds.has(taskId) ? undefined : taskId;
    } catch {
      return undefined; // a store that cannot be read is no reason to stay without a task
    }
  }

  #noteFailure(taskId: string, error: unknown): void {
    const { errorCode } = describeFailure(error);
    const { agentRuntimeId } = this;
    this.#scope.observation.notify({ type: 'task_replacement_failed', agentRuntimeId, taskId, errorCode });
    if (isTerminalCode(errorCode)) this.end(errorCode, error);
  }

  /** The new task is in force already: who opens a connection again gets it. */
  async #announce({ taskId: replacedTaskId, close }: OwnedRunTask): Promise<void> {
    const { agentRuntimeId } = this;
    const { taskId } = this.#task;
    const { observation } = this.#scope;
    observation.notify({ type: 'task_replaced', agentRuntimeId, taskId, replacedTaskId });
    close(providerAuthError('task_replaced', 'the task of this connection was replaced; open it again'));
    try {
      await this.#source.taskStore?.replaceTask({ agentRuntimeId, taskId, replacedTaskId });
    } catch (error) {
      const { errorCode } = describeFailure(error);
      observation.notify({ type: 'task_not_saved', agentRuntimeId, taskId, errorCode });
    }
  }
}

function ownedTask(auth: AgentIdentityAuth): OwnedRunTask {
  const controller = new AbortController();
  return {
    taskId: auth.runTaskId,
    auth,
    closeSignal: controller.signal,
    close: (reason) => controller.abort(reason),
  };
}
