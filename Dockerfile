# Two stages: the first builds with the same steps as `make demo`, the second only runs.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install -r requirements.txt
# Browser libraries: node comes from PyPI into an environment that is thrown away.
COPY package.json package-lock.json .npmrc ./
COPY tools ./tools
RUN python -m venv /tmp/node && /tmp/node/bin/python tools/assets.py && rm -rf node_modules /tmp/node
COPY . .
RUN /opt/venv/bin/python tools/messages.py \
    && SECRET_KEY=only-for-this-step DJANGO_SETTINGS_MODULE=config.settings.demo \
       /opt/venv/bin/python manage.py collectstatic --noinput -v0 \
    && mkdir -p var/media

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin liangzhun
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=root:root /app /app
RUN chown -R liangzhun:liangzhun /app/var
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "tools/healthcheck.py", "web"]
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "8", \
     "--timeout", "60", "--graceful-timeout", "30", \
     "--max-requests", "2000", "--max-requests-jitter", "200", \
     "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
