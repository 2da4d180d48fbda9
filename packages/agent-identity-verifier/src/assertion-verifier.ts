import type { VerifiedAgent } from './verified-agent.js';

/**
 * Members of a request besides its `Authorization` header. The headers are null or undefined if the request has none. The
 * middleware fills in all of them.
 */
export interface AssertionContext {
  /** The value of the `ChatGPT-Account-ID` header. */
  readonly accountId?: string | null | undefined;
  /**
   * **Secret.** The value of the `x-openai-agent-assertion` header: the second generation beside a bearer token
   * (docs/protocol-instances.md section 4).
   */
  readonly instanceAssertion?: string | null | undefined;
  /** The value of the `OpenAI-Organization` header. Passed to `verifyBearer`. */
  readonly organizationId?: string | null | undefined;
  /** The value of the `OpenAI-Project` header. Passed to `verifyBearer`. */
  readonly projectId?: string | null | undefined;
  /** Where the request came from, from a source that the client cannot forge. For the replay limiter and `verifyBearer`. */
  readonly clientAddress?: string | undefined;
}

/** Verifies the requests of a service. Create one and keep it: it caches verified signatures. */
export interface AssertionVerifier<Agent extends VerifiedAgent = VerifiedAgent> {
  /**
   * Verifies the assertion of a request. An assertion of the first generation verifies any number of times inside its
   * window, because real clients repeat it (docs/protocol.md section 11). One of the second generation verifies once.
   *
   * @param headerValue **Secret.** The value of the `Authorization` header. Null, undefined or empty if the request has
   * none.
   * @throws AgentIdentityError with a `VerificationErrorCode`; answer it with `verificationFailureResponse`
   */
  verify(headerValue: string | null | undefined, context?: AssertionContext): Promise<Agent>;
  /**
   * Watches an agent that was verified, for a connection that stays open: a WebSocket, a stream of events. An outage of the
   * directory ends nothing.
   *
   * @param options Abort `signal` when the connection has closed; otherwise the agent is watched until it ends.
   * @returns a signal that aborts when the agent or its task is no longer active. Its reason is the error with which `verify`
   * would now refuse the agent. It aborts within two seconds plus the time that the directory takes to learn of the change; at
   * once if the directory has `subscribe`, as `remoteDirectory` with `follow`, `memoryDirectory` and an authority's have.
   * @throws AgentIdentityError `invalid_argument`
   */
  watch(agent: Agent, options?: WatchOptions): AbortSignal;
}

/** Options for `watch`. */
export interface WatchOptions {
  /** Ends the watch. The returned signal then never aborts. */
  readonly signal?: AbortSignal | undefined;
}
