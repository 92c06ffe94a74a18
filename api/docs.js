/* The interactive reference: reads /openapi.json, shows it, and tries calls. Whatever comes from the
 * contract or an answer becomes text nodes only; the token is kept in memory and nowhere else. */
"use strict";

const words = {
	vi: {
		skip: "Đến nội dung", language: "English", search: "Tìm", found: "thao tác",
		username: "Tài khoản", password: "Mật khẩu", enter: "Đăng nhập", leave: "Đăng xuất",
		outside: "Chưa đăng nhập.", inside: "Đã đăng nhập:", refused: "Không đăng nhập được:",
		parameters: "Tham số", name: "Tên", where: "Ở đâu", type: "Kiểu", about: "Ý nghĩa",
		required: "bắt buộc", body: "Nội dung gửi", responses: "Trả lời", status: "Mã",
		headers: "Tiêu đề", schemas: "Lược đồ", access: "Xác thực", nobody: "không cần",
		attempt: "Gọi thử", send: "Gửi", sending: "Đang gửi…", accept: "Dạng trả lời",
		contentType: "Dạng gửi", answer: "Kết quả", failed: "Không gửi được:", ms: "ms",
		cut: "… (đã cắt bớt)", missing: "Không đọc được /openapi.json:", members: "Các trường",
		values: "Giá trị", empty: "(không có nội dung)", make: "Tạo khóa", nothing: "Không có.",
		writes: "Lời gọi này ghi dữ liệu thật.",
	},
	en: {
		skip: "Skip to content", language: "Tiếng Việt", search: "Search", found: "operations",
		username: "Username", password: "Password", enter: "Log in", leave: "Log out",
		outside: "Not logged in.", inside: "Logged in:", refused: "Cannot log in:",
		parameters: "Parameters", name: "Name", where: "In", type: "Type", about: "Meaning",
		required: "required", body: "Request body", responses: "Responses", status: "Status",
		headers: "Headers", schemas: "Schemas", access: "Authentication", nobody: "none needed",
		attempt: "Try it", send: "Send", sending: "Sending…", accept: "Answer as",
		contentType: "Send as", answer: "Result", failed: "Cannot send:", ms: "ms",
		cut: "… (cut)", missing: "Cannot read /openapi.json:", members: "Members",
		values: "Values", empty: "(no content)", make: "Make a key", nothing: "Nothing.",
		writes: "This call writes real data.",
	},
};

const SHOWN_MAX = 200000;
const state = {language: "vi", contract: null, operations: [], token: null, caller: "", etags: {}};

const by = (id) => document.getElementById(id);
const say = (word) => words[state.language][word];

/* An element; children are nodes or text. */
function make(tag, attributes, ...children) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {}))
		if (value === true)
			element.setAttribute(name, "");
		else if (value !== false && value !== undefined && value !== null)
			element.setAttribute(name, value);
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

function resolve(node) {
	if (!node || !node.$ref)
		return node;
	return node.$ref.slice(2).split("/").reduce((found, key) => found && found[key], state.contract);
}

const reference = (node) => (node && node.$ref ? node.$ref.split("/").pop() : "");

/* `code` within a line of text. */
function line(text) {
	return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}

/* Paragraphs and lists, as the contract writes them. */
function prose(text) {
	const parts = [];

	for (const paragraph of (text || "").split("\n\n")) {
		const [first, ...items] = paragraph.split("\n- ");

		if (first.trim())
			parts.push(make("p", {}, ...line(first)));
		if (items.length)
			parts.push(make("ul", {}, ...items.map((item) => make("li", {}, ...line(item)))));
	}
	return parts;
}

/* --- schemas --- */

function typeOf(given) {
	const schema = resolve(given) || {};
	const types = [].concat(schema.type || []);

	if (reference(given))
		return reference(given);
	if (schema.allOf)
		return schema.allOf.map(typeOf).join(" + ");
	if (types.includes("array"))
		return [`${typeOf(schema.items || {})}[]`, ...types.slice(1)].join(" | ");
	return (types.join(" | ") || "any") + (schema.format ? ` (${schema.format})` : "");
}

function limitsOf(schema) {
	const names = ["default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
		"pattern"];

	return names.filter((name) => schema[name] !== undefined)
		.map((name) => make("div", {class: "faint"}, `${name}: `, make("code", {}, String(schema[name]))));
}

function valuesOf(schema) {
	const values = schema.enum || (schema.items && (resolve(schema.items) || {}).enum);

	if (!values)
		return null;
	const shown = values.filter((value) => value !== null).map(String).join(", ");
	if (shown.length < 100)
		return make("div", {class: "faint"}, `${say("values")}: `, make("code", {}, shown));
	return make("details", {class: "faint"}, make("summary", {}, `${say("values")} (${values.length})`),
		make("code", {}, shown));
}

/* The schema of members that can be opened: of an object, or of an array's items. */
function membersOf(given) {
	const schema = resolve(given) || {};

	if (schema.properties)
		return schema;
	if (schema.allOf) {
		const all = schema.allOf.map(membersOf).filter(Boolean);
		return {properties: Object.assign({}, ...all.map((one) => one.properties)),
			required: all.flatMap((one) => one.required || [])};
	}
	return schema.items ? membersOf(schema.items)
		: schema.additionalProperties ? membersOf(schema.additionalProperties) : null;
}

/* Filled when opened, so that schemas that speak of each other do not go on for ever. */
function folded(title, fill) {
	const inside = make("div", {class: "inside"});
	const details = make("details", {}, make("summary", {}, title), inside);

	details.addEventListener("toggle", () => {
		if (details.open && !inside.firstChild)
			inside.append(fill());
	});
	return details;
}

function table(titles, rows) {
	return make("div", {class: "scroll"}, make("table", {},
		make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", {scope: "col"}, title)))),
		make("tbody", {}, ...rows)));
}

function schemaTable(given) {
	const schema = membersOf(given);

	if (!schema)
		return make("p", {}, make("code", {}, typeOf(given)));
	const rows = Object.entries(schema.properties).map(([name, member]) => {
		const nested = membersOf(member);
		return make("tr", {},
			make("td", {}, make("code", {}, name),
				(schema.required || []).includes(name)
					? make("div", {class: "faint"}, say("required")) : null),
			make("td", {}, typeOf(member)),
			make("td", {}, ...prose((resolve(member) || {}).description), valuesOf(resolve(member) || {}),
				...limitsOf(resolve(member) || {}),
				nested ? folded(say("members"), () => schemaTable(member)) : null));
	});
	return table([say("name"), say("type"), say("about")], rows);
}

/* --- one operation --- */

function parametersOf(operation) {
	return (operation.parameters || []).map(resolve);
}

function parameterTable(operation) {
	const rows = parametersOf(operation).map((parameter) => make("tr", {},
		make("td", {}, make("code", {}, parameter.name),
			parameter.required ? make("div", {class: "faint"}, say("required")) : null),
		make("td", {}, parameter.in),
		make("td", {}, typeOf(parameter.schema)),
		make("td", {}, ...prose(parameter.description), valuesOf(parameter.schema),
			...limitsOf(parameter.schema))));

	return rows.length ? table([say("name"), say("where"), say("type"), say("about")], rows)
		: make("p", {}, say("nothing"));
}

function contentParts(content) {
	return Object.entries(content || {}).map(([media, {schema}]) =>
		membersOf(schema) ? folded(`${media}: ${typeOf(schema)}`, () => schemaTable(schema))
			: make("p", {class: "faint"}, `${media}: ${typeOf(schema)}`));
}

function responseTable(operation) {
	const rows = Object.entries(operation.responses).map(([status, given]) => {
		const response = resolve(given);
		const headers = Object.keys(response.headers || {});

		return make("tr", {}, make("td", {}, make("code", {}, status)),
			make("td", {}, ...prose(response.description),
				headers.length ? make("p", {class: "faint"}, `${say("headers")}: ${headers.join(", ")}`) : null,
				...contentParts(response.content)));
	});

	return table([say("status"), say("about")], rows);
}

function securityText(operation) {
	const names = operation.security.map((one) => Object.keys(one).join(" + ") || say("nobody"));

	return names.length ? names.join(" / ") : say("nobody");
}

/* --- trying a call --- */

function randomKey() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));

	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inputOf(parameter, id) {
	const schema = resolve(parameter.schema) || {};
	const choices = schema.enum || (schema.type === "boolean" ? [true, false] : null);
	const attributes = {id, "data-name": parameter.name, "data-in": parameter.in,
		required: Boolean(parameter.required)};

	if (choices)
		return make("select", attributes, make("option", {value: ""}, ""),
			...choices.map((choice) => make("option", {value: choice}, String(choice))));
	return make("input", {...attributes, autocomplete: "off", spellcheck: "false",
		placeholder: schema.default !== undefined ? String(schema.default) : schema.format || ""});
}

function fieldOf(label, control, button) {
	return make("div", {class: "field"}, make("label", {for: control.id}, label),
		make("div", {}, control, button || null));
}

function parameterFields(operation) {
	return parametersOf(operation).filter(({name}) => name !== "Accept-Language").map((parameter, i) => {
		const control = inputOf(parameter, `parameter-${i}`);
		let button = null;

		if (parameter.name === "Idempotency-Key") {
			button = make("button", {type: "button"}, say("make"));
			button.addEventListener("click", () => { control.value = randomKey(); });
		}
		return fieldOf(parameter.name + (parameter.required ? " *" : ""), control, button);
	});
}

function choiceOf(id, medias) {
	return make("select", {id}, ...medias.map((media) => make("option", {value: media}, media)));
}

function acceptsOf(operation) {
	const medias = Object.entries(operation.responses).filter(([status]) => status < 300)
		.flatMap(([, response]) => Object.keys(resolve(response).content || {}));

	return medias.length ? medias : ["application/json"];
}

/* The path and query that the fields give. */
function addressOf(operation, form) {
	const query = new URLSearchParams();
	let path = operation.path;

	for (const control of form.querySelectorAll("[data-in]")) {
		if (control.dataset.in === "path")
			path = path.replace(`{${control.dataset.name}}`, encodeURIComponent(control.value));
		else if (control.dataset.in === "query" && control.value !== "")
			query.append(control.dataset.name, control.value);
	}
	return {path, whole: query.size || String(query) ? `${path}?${query}` : path};
}

function requestOf(operation, form) {
	const headers = {Accept: form.querySelector("#accept").value,
		"Accept-Language": state.language};
	const body = form.querySelector("#body");

	for (const control of form.querySelectorAll("[data-in=header]"))
		if (control.value !== "")
			headers[control.dataset.name] = control.value;
	if (state.token && operation.security.length)
		headers.Authorization = `Bearer ${state.token}`;
	if (body && body.value.trim())
		headers["Content-Type"] = form.querySelector("#content-type").value;
	return {method: operation.method.toUpperCase(), headers, credentials: "omit", cache: "no-store",
		body: body && body.value.trim() ? body.value : undefined};
}

function pretty(text, type) {
	let shown = text;

	if (/\bjson\b|\+json/.test(type || "") && !/ndjson/.test(type))
		try {
			shown = JSON.stringify(JSON.parse(text), null, 2);
		} catch {
			shown = text;
		}
	return shown.length > SHOWN_MAX ? shown.slice(0, SHOWN_MAX) + say("cut") : shown || say("empty");
}

function showAnswer(response, text, milliseconds, request, address) {
	const headers = Array.from(response.headers, ([name, value]) => `${name}: ${value}`).join("\n");

	by("answer").replaceChildren(
		make("h3", {}, say("answer")),
		make("p", {role: "status"},
			make("span", {class: response.ok ? "good" : "bad"}, `${response.status} ${response.statusText}`),
			` · ${milliseconds} ${say("ms")}`),
		make("p", {class: "faint"}, make("code", {}, `${request.method} ${address}`)),
		make("details", {}, make("summary", {}, say("headers")), make("pre", {tabindex: "0"}, headers)),
		make("pre", {tabindex: "0"}, pretty(text, response.headers.get("content-type"))));
}

async function send(operation, form) {
	const {path, whole} = addressOf(operation, form);
	const request = requestOf(operation, form);
	const button = form.querySelector("button[type=submit]");
	const started = performance.now();

	button.disabled = true;
	by("answer").replaceChildren(make("p", {role: "status"}, say("sending")));
	try {
		const response = await fetch(whole, request);
		const text = await response.text();

		if (response.headers.get("etag"))
			state.etags[path] = response.headers.get("etag");
		showAnswer(response, text, Math.round(performance.now() - started), request, whole);
	} catch (problem) {
		by("answer").replaceChildren(make("p", {role: "status", class: "bad"},
			`${say("failed")} ${problem.message}`));
	}
	button.disabled = false;
}

/* If-Match is the ETag last seen at that address, unless the reader wrote another. */
function fillMatch(operation, form) {
	const match = form.querySelector("[data-name=If-Match]");

	if (match && !match.value)
		match.value = state.etags[addressOf(operation, form).path] || "";
}

function tryForm(operation) {
	const body = operation.requestBody && operation.requestBody.content;
	const form = make("form", {id: "try"}, ...parameterFields(operation),
		fieldOf(say("accept"), choiceOf("accept", acceptsOf(operation))));

	if (body) {
		const first = Object.values(body)[0];
		const text = make("textarea", {id: "body", spellcheck: "false"});

		text.value = Object.keys(body)[0].includes("json") ? JSON.stringify(first.example, null, 2) : "";
		form.append(fieldOf(say("contentType"), choiceOf("content-type", Object.keys(body))),
			fieldOf(say("body"), text));
	}
	if (operation.method !== "get")
		form.append(make("p", {class: "faint"}, say("writes")));
	form.append(make("button", {type: "submit"}, say("send")));
	form.addEventListener("change", () => fillMatch(operation, form));
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		send(operation, form);
	});
	return form;
}

/* --- the page --- */

function showOperation(operation) {
	const body = operation.requestBody && operation.requestBody.content;

	by("content").replaceChildren(
		make("h2", {}, operation.summary || operation.operationId),
		make("p", {class: "address"}, make("span", {class: `method ${operation.method}`},
			operation.method.toUpperCase()), " ", make("code", {}, operation.path)),
		make("p", {class: "faint"}, `${operation.operationId} · ${say("access")}: ${securityText(operation)}`),
		...prose(operation.description),
		make("h3", {}, say("parameters")), parameterTable(operation),
		...(body ? [make("h3", {}, say("body")), ...contentParts(body)] : []),
		make("h3", {}, say("responses")), responseTable(operation),
		make("h3", {}, say("attempt")), tryForm(operation),
		make("div", {id: "answer"}));
}

function showOverview() {
	const {info, components} = state.contract;

	by("content").replaceChildren(
		make("h2", {}, `${info.title} ${info.version}`),
		...prose(info.description),
		make("h3", {}, say("access")),
		...Object.entries(components.securitySchemes).map(([name, scheme]) =>
			make("p", {}, make("code", {}, name), ` ${scheme.description || scheme.type}`)),
		make("h3", {}, say("schemas")),
		...Object.entries(components.schemas).map(([name, schema]) =>
			folded(name, () => make("div", {}, ...prose(schema.description), schemaTable(schema)))));
}

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

function matches(operation, query) {
	const text = fold([operation.operationId, operation.path, operation.method, operation.summary,
		...operation.tags].join(" "));

	return fold(query).split(/\s+/).every((word) => text.includes(word));
}

function listItem(operation) {
	const current = location.hash === `#${operation.operationId}`;

	return make("li", {}, make("a", {href: `#${operation.operationId}`, title: operation.summary,
		"aria-current": current ? "page" : null},
		make("span", {class: `method ${operation.method}`}, operation.method.toUpperCase()),
		make("span", {}, operation.path)));
}

function showList() {
	const query = by("search").value.trim();
	const found = state.operations.filter((operation) => matches(operation, query));
	const opened = (operation) => location.hash === `#${operation.operationId}`;

	by("found").textContent = `${found.length} ${say("found")}`;
	by("list").replaceChildren(...state.contract.tags.map(({name, description}) => {
		const own = found.filter((operation) => operation.tags[0] === name);

		return own.length ? make("details", {open: Boolean(query) || own.some(opened)},
			make("summary", {title: description}, name), make("ul", {}, ...own.map(listItem))) : null;
	}).filter(Boolean));
}

function showLabels() {
	document.documentElement.lang = state.language;
	by("skip").textContent = say("skip");
	by("language").textContent = say("language");
	by("search-label").textContent = say("search");
	by("username-field").firstElementChild.textContent = say("username");
	by("password-field").firstElementChild.textContent = say("password");
	by("enter").textContent = say("enter");
	by("leave").textContent = say("leave");
	by("operations").setAttribute("aria-label", say("search"));
	by("caller").textContent = state.token ? `${say("inside")} ${state.caller}` : say("outside");
	for (const id of ["username-field", "password-field", "enter"])
		by(id).hidden = Boolean(state.token);
	by("leave").hidden = !state.token;
}

function show() {
	const operation = state.operations.find((one) => `#${one.operationId}` === location.hash);

	showLabels();
	if (!state.contract)
		return;
	by("version").textContent = state.contract.info.version;
	showList();
	if (operation)
		showOperation(operation);
	else
		showOverview();
}

function problemText(answer, response) {
	return [answer.title || response.status, answer.detail].filter(Boolean).join(": ");
}

async function login(event) {
	event.preventDefault();
	const form = event.target;
	const headers = {"Content-Type": "application/json", "Accept-Language": state.language};
	const content = {username: form.elements.username.value, password: form.elements.password.value};

	form.elements.password.value = "";
	try {
		const response = await fetch("/v1/auth/login", {method: "POST", headers, credentials: "omit",
			body: JSON.stringify(content)});
		const answer = await response.json();

		if (!response.ok)
			throw new Error(problemText(answer, response));
		state.token = answer.access_token;
		state.caller = content.username;
		showLabels();
	} catch (problem) {
		by("caller").textContent = `${say("refused")} ${problem.message}`;
	}
}

async function logout() {
	const headers = {Authorization: `Bearer ${state.token}`};

	state.token = null;
	state.caller = "";
	state.etags = {};
	showLabels();
	await fetch("/v1/auth/logout", {method: "POST", headers, credentials: "omit"}).catch(() => null);
}

function operationsOf(contract) {
	return Object.entries(contract.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({...operation, path, method})));
}

async function start() {
	showLabels();
	by("login").addEventListener("submit", login);
	by("leave").addEventListener("click", logout);
	by("search").addEventListener("input", showList);
	by("language").addEventListener("click", () => {
		state.language = state.language === "vi" ? "en" : "vi";
		show();
	});
	by("skip").addEventListener("click", (event) => {
		event.preventDefault();
		by("content").focus();
	});
	addEventListener("hashchange", () => {
		show();
		by("content").focus({preventScroll: true});
		by("content").scrollIntoView();
	});
	try {
		state.contract = await (await fetch("/openapi.json")).json();
		state.operations = operationsOf(state.contract);
	} catch (problem) {
		by("content").replaceChildren(make("p", {role: "alert"}, `${say("missing")} ${problem.message}`));
	}
	show();
}

start();
