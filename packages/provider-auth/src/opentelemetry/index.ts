export type { OpenTelemetryObserverOptions } from './open-telemetry-observer.js';
export { openTelemetryObserver } from './open-telemetry-observer.js';
