export { copyFolder, copyPreparedFolder } from './copy-prepared-folder.js';
export { type Deferred, deferred } from './deferred.js';
export { describeReadme, expectOutput, type ReadmeExample, readReadmeExamples } from './describe-readme.js';
export { fixedAgent, fixedRecord } from './fixed-agent.js';
export {
  encodeJson,
  type JwtIssuer,
  jwtIssuer,
  rsaKey,
  type SigningKey,
  signJwt,
  unsignedJwt,
} from './jwt-issuer.js';
export { closedOrigin, listenOnLoopback } from './listen-on-loopback.js';
export {
  type Answer,
  type LoopbackServer,
  loopbackServer,
  type RecordedRequest,
  type Reply,
  readHead,
} from './loopback-server.js';
export { type ManualClock, manualClock } from './manual-clock.js';
export { printedForms } from './printed-forms.js';
export { registrationBody } from './registration-body.js';
export { responsesApi } from './responses-api.js';
export { someEnrollmentToken, someInstance, someRuntime, someTaskOf } from './sample-rows.js';
export { temporaryFile, temporaryFolder } from './temporary-folder.js';
export { type CodedError, thrownBy } from './thrown-by.js';
