// A certified OpenID Connect server, dressed with the paths of Entra ID and of
// Bentley IMS, for twinkit's sign-in to prove itself against. Nothing of
// twinkit is in here: what is refused, the server refuses by the standards.
//
//   node provider.mjs SETTINGS
//
// SETTINGS is a JSON file with the tenant, secrets, keys and lifetimes, as the
// test beside this file writes it. Prints one JSON line with the addresses.
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import Provider, { errors } from "oidc-provider";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const signingKey = () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" };
};

// The public key of a certificate, as a registered client has it.
const publicKey = (path) => ({
    ...new X509Certificate(readFileSync(path)).publicKey.export({ format: "jwk" }),
    use: "sig",
});

// Every refresh token that was exchanged, by its SHA-256, and how often: the
// client must use each once.
const refreshes = new Map();
const counters = { slowDowns: 0, pending: 0, tokens: 0 };

const application = (id, extra) => ({
    client_id: id,
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
    ...extra,
});
const native = (id, redirect_uris) => ({
    client_id: id,
    application_type: "native",
    token_endpoint_auth_method: "none",
    redirect_uris,
    response_types: ["code"],
    grant_types: [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ],
});

function configuration(routes, clients, scopes) {
    return {
        clients,
        routes,
        scopes,
        jwks: { keys: [signingKey()] },
        cookies: { keys: ["not a secret"] },
        clientAuthMethods: [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        enabledJWA: { clientAuthSigningAlgValues: ["RS256", "PS256"] },
        pkce: { required: () => true },
        // The vendors give a refresh token whenever the scope is asked for.
        issueRefreshToken: async (_, client, code) =>
            client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
        rotateRefreshToken: true,
        ttl: {
            AccessToken: settings.lifetimes.user,
            AuthorizationCode: 60,
            ClientCredentials: 3600,
            DeviceCode: settings.lifetimes.device,
            Grant: 3600,
            IdToken: 3600,
            Interaction: 600,
            RefreshToken: 3600,
            Session: 3600,
        },
        extraParams: ["claims", "domain_hint"],
        findAccount: async (_, id) => ({
            accountId: id,
            claims: async () => ({ sub: id, preferred_username: `${id}@example.com` }),
        }),
        features: {
            clientCredentials: { enabled: true },
            devInteractions: { enabled: true },
            deviceFlow: { enabled: true },
            introspection: { enabled: true },
            resourceIndicators: {
                enabled: true,
                defaultResource: () => "urn:api",
                useGrantedResource: () => true,
                getResourceServerInfo: () => ({
                    scope: scopes.join(" "),
                    audience: "urn:api",
                    accessTokenFormat: "opaque",
                }),
            },
            revocation: { enabled: true },
        },
    };
}

const grantType = (ctx) => ctx.oidc?.params?.grant_type;

// What the vendors do and the standard server does not.
function dress(provider) {
    const polled = new Map();
    provider.use(async (ctx, next) => {
        const isToken = ctx.path.endsWith("/token");
        // The server gives offline access only to those who are asked for
        // consent, the vendors to all who ask for the scope.
        if (ctx.path.endsWith("/authorize") && ctx.method === "GET") {
            ctx.query = { prompt: "consent", ...ctx.query };
        }
        await next();
        if (!isToken || ctx.method !== "POST") return;
        const grant = grantType(ctx);
        if (ctx.status === 200) counters.tokens += 1;
        if (grant === "refresh_token") {
            const key = createHash("sha256").update(ctx.oidc.params.refresh_token).digest("hex");
            refreshes.set(key, (refreshes.get(key) ?? 0) + 1);
        }
        if (ctx.body?.error === "authorization_pending") {
            counters.pending += 1;
            // The second poll is told to go slower, as RFC 8628 has it.
            const times = (polled.get(ctx.oidc.params.device_code) ?? 0) + 1;
            polled.set(ctx.oidc.params.device_code, times);
            if (times === 2) {
                counters.slowDowns += 1;
                ctx.body = { error: "slow_down" };
            }
        }
        if (ctx.body?.error && settings.entraErrors) {
            Object.assign(ctx.body, { error_codes: [1], trace_id: "t", correlation_id: "c" });
        }
    });
}

// On-behalf-of as Entra ID has it: a grant of its own over a user's token.
function addOnBehalfOf(provider) {
    const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const parameters = ["assertion", "requested_token_use", "scope", "claims"];
    provider.registerGrantType(
        grant,
        async (ctx) => {
            const { client, params } = ctx.oidc;
            if (params.requested_token_use !== "on_behalf_of") {
                throw new errors.InvalidRequest("requested_token_use is not on_behalf_of");
            }
            if (!params.assertion) throw new errors.InvalidRequest("no assertion");
            if (params.assertion === "needs-a-person" && !params.claims) {
                ctx.status = 400;
                ctx.body = {
                    error: "interaction_required",
                    error_description: "AADSTS50076: another factor is needed.",
                    suberror: "basic_action",
                    claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
                };
                return;
            }
            const token = new provider.AccessToken({
                client,
                accountId: `user-of-${params.assertion}`,
                grantId: "on-behalf-of",
                gty: "jwt_bearer",
                scope: params.scope,
                extra: { claims: params.claims },
            });
            ctx.body = {
                access_token: await token.save(),
                expires_in: token.expiration,
                token_type: "Bearer",
                scope: params.scope,
            };
        },
        parameters,
    );
}

async function listen(configure) {
    const server = http.createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${server.address().port}`;
    const provider = configure(base);
    provider.on("server_error", (_, error) => console.error(error));
    dress(provider);
    server.on("request", provider.callback());
    return base;
}

const { tenant } = settings;
const entra = await listen((base) => {
    const root = `/${tenant}/oauth2/v2.0`;
    const routes = {
        token: `${root}/token`,
        authorization: `${root}/authorize`,
        device_authorization: `${root}/devicecode`,
        code_verification: `${root}/deviceauth`,
        jwks: `/${tenant}/discovery/v2.0/keys`,
    };
    const scopes = ["openid", "profile", "offline_access", ...settings.scopes];
    const provider = new Provider(
        base,
        configuration(
            routes,
            [
                application("post-app", {
                    client_secret: settings.secret,
                    token_endpoint_auth_method: "client_secret_post",
                }),
                application("certificate-app", {
                    token_endpoint_auth_method: "private_key_jwt",
                    jwks: { keys: [publicKey(settings.certificate)] },
                }),
                application("middle-tier", {
                    client_secret: settings.secret,
                    token_endpoint_auth_method: "client_secret_post",
                    grant_types: ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
                }),
                native("native-app", ["http://localhost"]),
            ],
            scopes,
        ),
    );
    addOnBehalfOf(provider);
    return provider;
});
const ims = await listen((base) => {
    const routes = {
        token: "/connect/token",
        authorization: "/connect/authorize",
        introspection: "/connect/introspect",
        jwks: "/connect/jwks",
    };
    return new Provider(
        base,
        configuration(
            routes,
            [
                application("service-post", {
                    client_secret: settings.secret,
                    token_endpoint_auth_method: "client_secret_post",
                }),
                application(settings.oddClientId, {
                    client_secret: settings.secret,
                    token_endpoint_auth_method: "client_secret_basic",
                }),
                native("native-app", settings.imsRedirects),
            ],
            ["openid", "offline_access", "itwin-platform"],
        ),
    );
});

// What happened, for the test to look at.
const control = http.createServer((_, answer) => {
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify({ ...counters, refreshes: [...refreshes.values()] }));
});
await new Promise((resolve) => control.listen(0, "127.0.0.1", resolve));
const counts = `http://127.0.0.1:${control.address().port}/`;
console.log(JSON.stringify({ entra, ims, counts }));
