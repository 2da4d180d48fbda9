import {
  type AgentIdentity,
  type AgentIdentityAuth,
  type AsyncAgentIdentityAuth,
  createAgentIdentityAuth,
  type RegisterRunTaskOptions,
  type SignerAgentIdentity,
} from 'agent-identity-registry';
import { type ProviderAuthError, providerAuthError } from '../errors.js';
import { describeFailure } from './observe-run.js';
import { registerWithClockRetry } from './register-with-clock-retry.js';
import type { RunOperation } from './run-observer.js';
import type { RunScopeState } from './run-scope.js';
import { type CloseableRunTask, type RunTask, toRunTask } from './run-task.js';
import type { StoredIdentity } from './stored-identity.js';
import { isTerminalError, type TerminalCode, terminalError } from './terminal-refusal.js';

/** The agent identity that a run starts from. */
export interface AgentRunSource {
  /** Signs for the run's first task. */
  readonly auth: AgentIdentityAuth | AsyncAgentIdentityAuth;
  /** Returns the identity and options for a replacement task. Called only when one is needed. */
  readonly registrar: () => TaskRegistrar;
  /** `undefined` for an identity that no store holds. */
  readonly stored?: StoredIdentity | undefined;
}

/** The identity that tasks are registered for, and where. */
export interface TaskRegistrar {
  readonly identity: AgentIdentity | SignerAgentIdentity;
  readonly options: RegisterRunTaskOptions;
}

/**
 * An agent identity in a run: its one task, which all providers and callers share, and the replacement of that task when
 * the server no longer knows it (docs/protocol.md sections 8, 10 and 11).
 */
export class AgentRun {
  readonly agentRuntimeId: string;
  readonly #source: AgentRunSource;
  readonly #scope: RunScopeState;
  #task: CloseableRunTask;
  #replacement: { readonly failedTaskId: string; readonly outcome: Promise<boolean> } | undefined;
  /** By the monotonic clock. */
  #noReplacementBefore = Number.NEGATIVE_INFINITY;
  #ended: ProviderAuthError | undefined;
  readonly #failedTaskIds = new Set<string>();

  constructor(source: AgentRunSource, scope: RunScopeState) {
    this.agentRuntimeId = source.auth.record.agent_runtime_id;
    this.#source = source;
    this.#scope = scope;
    this.#task = toRunTask(source.auth, scope);
  }

  /** The current task; after the run has ended, its last one. */
  get task(): RunTask {
    return this.#task;
  }

  /**
   * Signs for a request that is sent now, if the key lives outside of this process. Nothing is signed after the end.
   *
   * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, `signer_mismatch`
   */
  async prepare(signal: AbortSignal | null | undefined): Promise<void> {
    if (this.#ended === undefined) await this.#task.prepare(signal);
  }

  /** @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` */
  requireNotEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Ends the run: nothing more is signed for this runtime. The store remembers it for other processes. Never rejects. */
  async end(code: TerminalCode, cause?: unknown): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#ended = terminalError(code, cause);
    const { agentRuntimeId } = this;
    const { observation } = this.#scope;
    observation.notify({ type: 'agent_runtime_ended', agentRuntimeId, code });
    this.#task.close(this.#ended);
    try {
      await this.#source.stored?.rememberEnd({ agentRuntimeId, reason: code });
    } catch (error) {
      const { errorCode } = describeFailure(error);
      observation.notify({ type: 'agent_runtime_end_not_saved', agentRuntimeId, errorCode });
    }
  }

  /** Notes that the server accepted a request under this task, so a later refusal may replace it at once. */
  markAccepted(taskId: string): void {
    if (taskId === this.#task.taskId) this.#noReplacementBefore = Number.NEGATIVE_INFINITY;
  }

  /**
   * Replaces a task that the server called invalid: once for all concurrent callers, and not at all if it has been
   * replaced already. Does not reject: observers learn of a failure.
   *
   * @returns whether a request signed under `failedTaskId` should be signed again
   */
  async replaceTask(failedTaskId: string): Promise<boolean> {
    while (this.#replacement !== undefined) {
      if (this.#replacement.failedTaskId === failedTaskId) return this.#replacement.outcome;
      await this.#replacement.outcome;
    }
    if (this.#ended !== undefined) return false;
    if (failedTaskId !== this.#task.taskId) return true;
    if (this.#scope.effects.monotonicClock() < this.#noReplacementBefore) return false;
    const outcome = this.#withStoreLock(() => this.#replace(this.#task)).finally(() => {
      this.#replacement = undefined;
    });
    this.#replacement = { failedTaskId, outcome };
    return outcome;
  }

  /** Of all processes that share the store, one registers. Without the lock if the store cannot give it. */
  async #withStoreLock(work: () => Promise<boolean>): Promise<boolean> {
    let running: Promise<boolean> | undefined;
    const once = () => {
      running ??= work();
      return running;
    };
    try {
      return (await this.#source.stored?.withLock(once)) ?? (await once());
    } catch {
      return once();
    }
  }

  async #replace(failed: CloseableRunTask): Promise<boolean> {
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
      await this.#reportFailure(failed.taskId, error);
      return false;
    } finally {
      this.#noReplacementBefore = effects.monotonicClock() + replacementCooldownSeconds * 1000;
    }
    await this.#announceReplacement(failed);
    return true;
  }

  /** Takes the task that another process has stored since, or registers one. */
  async #startReplacement(recovery: RunOperation): Promise<CloseableRunTask> {
    const { identity, options } = this.#source.registrar();
    const taskId =
      (await this.#readStoredTask()) ??
      (await registerWithClockRetry(
        { identity, options, purpose: 'replacement', within: recovery },
        this.#scope,
      ));
    const auth = createAgentIdentityAuth(identity, taskId, { clock: this.#scope.clock.now });
    const task = toRunTask(auth, this.#scope);
    // Requests that are prepared already may be signed under it. They learn of a failure.
    await task.prepare(undefined).catch(() => {});
    return task;
  }

  async #readStoredTask(): Promise<string | undefined> {
    try {
      const taskId = await this.#source.stored?.readTask(this.agentRuntimeId);
      return taskId === undefined || this.#failedTaskIds.has(taskId) ? undefined : taskId;
    } catch {
      return undefined; // An unreadable store must not prevent a replacement.
    }
  }

  async #reportFailure(taskId: string, error: unknown): Promise<void> {
    const { errorCode } = describeFailure(error);
    const { agentRuntimeId } = this;
    this.#scope.observation.notify({ type: 'task_replacement_failed', agentRuntimeId, taskId, errorCode });
    if (isTerminalError(error)) await this.end(error.code, error);
  }

  /** The new task is in force already, so a connection that opens again gets it. */
  async #announceReplacement({ taskId: replacedTaskId, close }: CloseableRunTask): Promise<void> {
    const { agentRuntimeId } = this;
    const { taskId } = this.#task;
    const { observation } = this.#scope;
    observation.notify({ type: 'task_replaced', agentRuntimeId, taskId, replacedTaskId });
    close(providerAuthError('task_replaced', 'the task of this connection was replaced; open it again'));
    try {
      await this.#source.stored?.replaceTask({ agentRuntimeId, taskId, replacedTaskId });
    } catch (error) {
      const { errorCode } = describeFailure(error);
      observation.notify({ type: 'task_not_saved', agentRuntimeId, taskId, errorCode });
    }
  }
}
