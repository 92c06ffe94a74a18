# make            builds .build/lachan                make run      the service on a private PostgreSQL
# make test       every test on a throwaway one       make check    test, and the length of functions and the format
# make bench      measures                            make tidy     clang-tidy
# make format     rewrites the sources' format        make openapi  rewrites openapi.yaml from the tables
# make secrets    what docker compose up needs        make clean    removes what was built (never var/)
#
# SANITIZE=address,undefined or SANITIZE=thread with any of them builds in a directory of its own.
# Debian packages that are missing are installed first, by sudo unless root.

comma := ,
BUILD := .build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
CC = gcc
LIBRARIES = libulfius libmicrohttpd jansson libpq libjwt libsodium libcrypto zlib
# Asked once, and only when something is compiled: before the packages are there it could not be answered.
CPPFLAGS = $(eval CPPFLAGS := $(shell pkg-config --cflags $(LIBRARIES) check))$(CPPFLAGS)
LIBS = $(shell pkg-config --libs $(LIBRARIES) $(if $(filter %/tests,$@),check)) -lunistring -pthread
CFLAGS = -std=c17 -D_GNU_SOURCE -Iinclude -O2 -g -fPIE -fstack-protector-strong \
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Werror -Wno-missing-field-initializers \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,-D_FORTIFY_SOURCE=2)
LDFLAGS = -pie -Wl,-z,relro,-z,now $(if $(SANITIZE),-fsanitize=$(SANITIZE))
export BUILD CC

PACKAGES = gcc libc6-dev pkg-config check libulfius-dev libmicrohttpd-dev libjansson-dev libpq-dev libjwt-dev \
	libsodium-dev libunistring-dev libssl-dev zlib1g-dev \
	$(if $(filter run test check bench,$(MAKECMDGOALS)),postgresql-15) \
	$(if $(filter run bench,$(MAKECMDGOALS)),curl) \
	$(if $(filter bench,$(MAKECMDGOALS)),wrk) \
	$(if $(filter check format,$(MAKECMDGOALS)),clang-format universal-ctags) \
	$(if $(filter tidy,$(MAKECMDGOALS)),clang-tidy)

SOURCES := $(sort $(wildcard api/*.c core/*.c core/resources/*.c db/*.c))
TESTS := $(sort $(wildcard tests/*.c))
EMBEDDED := $(sort $(wildcard db/migrations/*.sql db/sql/*.sql db/indicators/*.sql db/recount/*.sql db/seed/*.csv api/*.html api/*.css api/*.js core/*.txt))
objects = $(patsubst %.c,$(BUILD)/objects/%.o,$1)
PROGRAM_OBJECTS := $(call objects,$(SOURCES) embedded.c)
TEST_OBJECTS := $(call objects,$(filter-out api/main.c,$(SOURCES)) embedded.c $(TESTS))

.PHONY: build packages program run test check bench tidy format openapi secrets clean force
.DELETE_ON_ERROR:

# A build excludes another in the same checkout.  Single commands, so that make's signals reach them.
build: packages
	@mkdir -p .build
	+@flock --no-fork .build/lock $(MAKE) --no-print-directory -j$(shell nproc) $(if $(filter test check,$(MAKECMDGOALS)),program,$(BUILD)/lachan)

run: build
	@exec setpriv --pdeathsig TERM db/run.sh

test: build
	@exec setpriv --pdeathsig TERM tests/run.sh

check: build
	@exec setpriv --pdeathsig TERM tests/run.sh all

bench: build
	@exec setpriv --pdeathsig TERM tests/bench/run.sh

tidy: build
	clang-tidy --quiet $(SOURCES) -- $(CPPFLAGS) $(CFLAGS)

format: packages
	clang-format -i $(SOURCES) $(TESTS) $(wildcard include/*.h tests/*.h)

openapi: build
	$(BUILD)/lachan openapi >openapi.yaml

# Each installation waits for another checkout's.  PostgreSQL must not start a cluster of its own for it.
packages:
	@command -v dpkg-query >/dev/null || exit 0; \
	have=$$(dpkg-query -W -f ' $${db:Status-Status}:$${Package} ' $(PACKAGES) 2>/dev/null); missing=; \
	for package in $(PACKAGES); do \
		case $$have in *" installed:$$package "*) ;; *) missing="$$missing $$package" ;; esac; \
	done; \
	[ -z "$$missing" ] && exit; echo "installing$$missing"; mkdir -p .build; flock /etc/apt $(if $(filter-out 0,$(shell id -u)),sudo) sh -ec ' \
		conf=/etc/postgresql-common/createcluster.conf; \
		[ -e $$conf ] || { mkdir -p $${conf%/*}; echo create_main_cluster=false >$$conf; }; \
		export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; \
		apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$$@"' _ $$missing \
		>.build/packages.log 2>&1 || { tail -n 20 .build/packages.log; exit 1; }

# What docker compose reads as secrets; the files must be readable to the services' users, their directory need not.
# By renaming, so that what is there is whole and kept; an address is made anew with its password.
secrets:
	@mkdir -p -m 700 .secrets; cd .secrets || exit; \
	make_new() { printf %s "$$2" >$$1.new && chmod 644 $$1.new && mv -f $$1.new $$1 || exit; }; \
	random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }; \
	address() { [ -s $$1 ] && ! [ $$3 -nt $$1 ] || make_new $$1 postgresql://$$2:$$(cat $$3)@postgres/lachan; }; \
	for name in master_key postgres_password owner_password service_password; do \
		[ -s $$name ] || make_new $$name $$(random); \
	done; \
	address owner_database_url lachan_owner owner_password; \
	address database_url lachan_service service_password

clean:
	rm -rf .build

program: $(BUILD)/lachan $(BUILD)/tests

$(BUILD)/lachan: $(PROGRAM_OBJECTS)
$(BUILD)/tests: $(TEST_OBJECTS)
# By renaming, so that nobody meets half a program.
$(BUILD)/lachan $(BUILD)/tests: $(BUILD)/files
	@echo linking $@
	@$(CC) $(LDFLAGS) -o $@.new $(filter %.o,$^) $(LIBS)
	@mv -f $@.new $@

$(BUILD)/objects/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo compiling $<
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/embedded.o: $(BUILD)/embedded.c
	@mkdir -p $(@D)
	@echo compiling $<
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/embedded.c: db/embed.sh include/embedded.h $(EMBEDDED) $(BUILD)/files
	@sh db/embed.sh $(EMBEDDED) >$@

# The names of all files: written anew only when one came or went, and then what lists them is made again.
$(BUILD)/files: force
	@mkdir -p $(@D)
	@echo $(SOURCES) $(TESTS) $(EMBEDDED) | cmp -s - $@ || echo $(SOURCES) $(TESTS) $(EMBEDDED) >$@

-include $(PROGRAM_OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d)
