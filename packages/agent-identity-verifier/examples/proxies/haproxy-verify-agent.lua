-- Asks the verifier about each request, and copies the facts of the agent. Fails closed.
local verifier = 'http://127.0.0.1:8700/v1/forward-auth'
local not_asked = {
  ['connection'] = true, ['content-length'] = true, ['expect'] = true, ['host'] = true, ['te'] = true,
  ['transfer-encoding'] = true, ['upgrade'] = true,
}

local function values_of(value)
  local values = {}
  for i = 0, #value do values[i + 1] = value[i] end
  return values
end

core.register_action('verify_agent', { 'http-req' }, function(txn)
  local asked = {}
  for name, value in pairs(txn.http:req_get_headers()) do
    if not not_asked[name] and not name:find('^x%-forwarded%-') then asked[name] = values_of(value) end
  end
  asked['x-forwarded-method'] = { txn.f:method() }
  asked['x-forwarded-host'] = { txn.sf:req_fhdr('host') }
  asked['x-forwarded-uri'] = { txn.f:url() }
  local answer = core.httpclient():get({ url = verifier, headers = asked, timeout = 5000 })
  if answer and answer.status == 200 then
    for name, value in pairs(answer.headers) do
      if name:find('^x%-agent%-') and value[0] ~= '' then txn.http:req_set_header(name, value[0]) end
    end
    return
  end
  local reply = txn:reply({ status = 503 })
  if answer and answer.status >= 400 then
    reply = txn:reply({ status = answer.status })
    for _, name in ipairs({ 'content-type', 'www-authenticate', 'retry-after', 'x-agent-error' }) do
      if answer.headers[name] then reply:add_header(name, answer.headers[name][0]) end
    end
    reply:set_body(answer.body)
  end
  txn:done(reply)
end)
