import { requireKnownOptions, requireObject, requireSignal, startTimer } from 'agent-identity-core/http';
import type { AgentDirectory } from './agent-directory.js';
import type { WatchOptions } from './assertion-verifier.js';
import { isDirectoryError } from './create-failure-reporter.js';
import type { VerifiedAgent } from './verified-agent.js';

/** Dependencies of watching agents. */
export interface AgentWatchParts {
  readonly subscribe: AgentDirectory['subscribe'];
  /** Rejects if the agent is no longer active. */
  readonly requireStillActive: (agent: VerifiedAgent) => Promise<void>;
}

/** An agent, and a controller for each of its connections. */
interface Watched {
  readonly agent: VerifiedAgent;
  readonly controllers: Set<AbortController>;
}

const askMilliseconds = 2000;

/** Watches agents; see `watch` of `AssertionVerifier`. It asks only while it watches somebody, and keeps no process alive. */
export class AgentWatch {
  readonly #parts: AgentWatchParts;
  /** By the ids of the agent, so that any number of its connections cost one look-up. */
  readonly #watched = new Map<string, Watched>();
  #stop: (() => void) | undefined;

  constructor(parts: AgentWatchParts) {
    this.#parts = parts;
  }

  /** @throws AgentIdentityError `invalid_argument` */
  watch(agent: VerifiedAgent, options: WatchOptions = {}): AbortSignal {
    requireObject(agent, 'agent');
    requireKnownOptions(options, ['signal'], 'options');
    requireSignal(options.signal, 'options.signal');
    const controller = new AbortController();
    if (options.signal?.aborted) return controller.signal;
    const key = keyOf(agent);
    const watched = this.#watched.get(key) ?? { agent, controllers: new Set() };
    this.#watched.set(key, watched);
    watched.controllers.add(controller);
    const onClose = () => this.#forget(key, watched, controller);
    options.signal?.addEventListener('abort', onClose, { once: true });
    this.#stop ??= this.#start();
    // The agent may have ended since it was verified.
    void this.#check(key, watched);
    return controller.signal;
  }

  #start(): () => void {
    const ask = () => {
      cancelTimer = startTimer(askMilliseconds, ask, { keepsAlive: false });
      this.#checkAll(undefined);
    };
    let cancelTimer = startTimer(askMilliseconds, ask, { keepsAlive: false });
    const unsubscribe = this.#parts.subscribe?.((agentRuntimeId) => this.#checkAll(agentRuntimeId));
    return () => {
      cancelTimer();
      unsubscribe?.();
    };
  }

  #checkAll(agentRuntimeId: string | undefined): void {
    for (const [key, watched] of this.#watched) {
      if (isConcerned(watched.agent, agentRuntimeId)) void this.#check(key, watched);
    }
  }

  async #check(key: string, watched: Watched): Promise<void> {
    try {
      await this.#parts.requireStillActive(watched.agent);
    } catch (error) {
      if (isDirectoryError(error)) return;
      this.#remove(key, watched);
      for (const controller of watched.controllers) controller.abort(error);
    }
  }

  #forget(key: string, watched: Watched, controller: AbortController): void {
    watched.controllers.delete(controller);
    if (watched.controllers.size === 0) this.#remove(key, watched);
  }

  #remove(key: string, watched: Watched): void {
    if (this.#watched.get(key) === watched) this.#watched.delete(key);
    if (this.#watched.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

function isConcerned(agent: VerifiedAgent, agentRuntimeId: string | undefined): boolean {
  if (agentRuntimeId === undefined) return true;
  return agent.generation === 1 && agent.agentRuntimeId === agentRuntimeId;
}

function keyOf(agent: VerifiedAgent): string {
  return agent.generation === 1
    ? JSON.stringify([agent.agentRuntimeId, agent.taskId, agent.accountId])
    : JSON.stringify([agent.runtimeAgentInstanceId]);
}
