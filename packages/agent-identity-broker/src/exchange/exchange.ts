import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResolvedProviderAuth } from 'provider-auth';
import type { Rule } from '../allow-list/allow-list.js';
import type { ClientPresence } from './client-presence.js';
import type { KeptBytes } from './kept-bytes.js';
import type { Upstream } from './upstream.js';

/** The parts that all exchanges of a broker share. */
export interface ExchangeParts {
  readonly resolved: ResolvedProviderAuth;
  readonly upstream: Upstream;
  /** The origin of the provider. */
  readonly origin: string;
  /** Maps the target of a redirect, as the answer to a path and query, to the URL for clients. */
  readonly toClientLocation: (location: string, target: string) => string;
  readonly keptBytes: KeptBytes;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  /** Whether the broker stops, so that connections close after their response. */
  readonly isStopping: () => boolean;
}

/** A request of a client that the broker has accepted, and its response. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly rule: Rule;
  /** Path and query. */
  readonly target: string;
  readonly presence: ClientPresence;
  /** What happened so far, for the log. */
  readonly record: ExchangeRecord;
}

/** What happened in an exchange, for the log. */
export interface ExchangeRecord {
  attempts: number;
  requestBytes: number;
  responseBytes: number;
  providerRequestId?: string | undefined;
  /** 101 after a handshake, whose response is not Node's. */
  status?: number | undefined;
}
