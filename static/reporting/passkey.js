// The button for the fingerprint or PIN of this device. The server asks, in JSON; the form sends the device's answer.
"use strict";
(() => {
  const KEYS = ["excludeCredentials", "allowCredentials"];
  const ANSWER = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const answerTo = async (question) => {
    const publicKey = { ...question, challenge: toBytes(question.challenge) };
    for (const name of KEYS) publicKey[name] = (question[name] || []).map((key) => ({ ...key, id: toBytes(key.id) }));
    if (question.user) publicKey.user = { ...question.user, id: toBytes(question.user.id) };
    const key = await navigator.credentials[question.user ? "create" : "get"]({ publicKey });
    const response = {};
    for (const name of ANSWER) if (key.response[name]) response[name] = toText(key.response[name]);
    return JSON.stringify({ id: key.id, rawId: toText(key.rawId), type: key.type, response });
  };

  const show = async (box) => {
    // a host without a name can have no passkeys
    if (!window.PublicKeyCredential || /^[\d.]+$|:/.test(location.hostname)) return;
    const adds = "adds" in box.dataset;
    box.hidden = adds && !(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable());
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey] button");
    if (!button) return;
    const box = button.closest("[data-passkey]");
    const failed = box.querySelector("[role=alert]");
    failed.hidden = true;
    button.disabled = true;
    try {
      const question = await fetch(box.dataset.passkey, { headers: { Accept: "application/json" } });
      box.querySelector("input").value = await answerTo(await question.json());
      button.form.submit();
    } catch {
      failed.hidden = false; // the person said no, or this device has none
    } finally {
      button.disabled = false;
    }
  });
  document.querySelectorAll("[data-passkey]").forEach(show);
})();
