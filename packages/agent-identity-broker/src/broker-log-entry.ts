import type { RefusalCode } from './refusal.js';

/** A request that the broker has handled, for logs and metrics. Holds no secret, no query and no text of a body. */
export interface BrokerLogEntry {
  /** The client's `X-Request-Id`, or a random one. The provider got the same. */
  readonly requestId: string;
  /** The rule that allowed the request, such as `POST /v1/responses`; `undefined` if none did. */
  readonly rule: string | undefined;
  /** The status that the client got; 0 if it left before that, 101 for a WebSocket. */
  readonly status: number;
  /** Why the broker refused the request; `undefined` if the provider answered. */
  readonly refusal: RefusalCode | undefined;
  /** How often the request was sent to the provider: 2 after its task was replaced. */
  readonly attempts: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The provider's own `X-Request-Id`, if it is plain. */
  readonly providerRequestId: string | undefined;
  /** From the request to the end of its response, by the monotonic clock. */
  readonly milliseconds: number;
}
