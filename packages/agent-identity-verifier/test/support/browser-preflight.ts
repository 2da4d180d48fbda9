/** The origin of a web page that calls the service. */
export const pageOrigin = 'https://app.example.test';

/** The headers of the CORS preflight that a browser sends before a request with an assertion. It has no assertion. */
export const preflightHeaders = {
  origin: pageOrigin,
  'access-control-request-method': 'GET',
  'access-control-request-headers': 'authorization,chatgpt-account-id',
};
