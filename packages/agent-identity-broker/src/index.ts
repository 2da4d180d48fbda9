export { isAgentIdentityError } from 'agent-identity-core';
export type { BrokerLogEntry } from './broker-log-entry.js';
export type { BrokerErrorCode } from './errors.js';
export type { RefusalCode } from './refusal.js';
export type { Broker } from './running-broker.js';
export { startBroker } from './start-broker.js';
export type { StartBrokerEffects, StartBrokerOptions } from './start-broker-options.js';
