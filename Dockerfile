# The image of what runs in Kubernetes (`verification.runner: job`, `monitoring.exporter`): `python -m mirror`
# and nothing else.
# Build it from the release that runs `pulumi up`, and name it in `verification.image`:
#   docker build -t registry.example.com/region-mirror:0.1.0 .
# The tag and no digest: no registry of images was in reach where this file was written, and a guessed digest would
# be worse than none. Pin it for your registry: `docker buildx imagetools inspect python:3.13-slim` shows it.
FROM python:3.13-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/nonexistent
COPY requirements-mirror.txt ./
# Exactly the lock's files, by their hashes. Wheels only: no compiler comes into the image.
RUN pip install --no-cache-dir --only-binary=:all: --require-hashes -r requirements-mirror.txt
COPY settings ./settings
COPY manifests ./manifests
COPY policy ./policy
COPY mirror ./mirror
RUN python -m compileall -q settings manifests policy mirror
# Nothing is installed at run time.
RUN python -m pip uninstall -y pip
# A number, so that Kubernetes can see that it is not root; OpenShift puts another in its place.
USER 65532:65532
ENTRYPOINT ["python", "-m", "mirror"]
