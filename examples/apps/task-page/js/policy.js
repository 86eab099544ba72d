// Narrows the policy of index.html, which cannot know config.js: from here on this page asks one address and no other.
import { API } from "../config.js";

const policy = document.createElement("meta");
policy.httpEquiv = "Content-Security-Policy";
policy.content = `connect-src ${API}; img-src 'self' ${API}`;
document.head.append(policy);
