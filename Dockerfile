# The image of what runs in Kubernetes (`verification.runner: job`, `monitoring.exporter`): `python -m mirror`
# and nothing else.
# Build it from the release that runs `pulumi up`, and name it in `verification.image`:
#   docker build -t registry.example.com/region-mirror:0.1.0 .
FROM python:3.13-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/nonexistent
COPY requirements-mirror.txt ./
# Wheels only: no compiler comes into the image.
RUN pip install --no-cache-dir --no-compile --only-binary=:all: -r requirements-mirror.txt
COPY settings ./settings
COPY manifests ./manifests
COPY mirror ./mirror
RUN python -m compileall -q settings manifests mirror
# A number, so that Kubernetes can see that it is not root; OpenShift puts another in its place.
USER 65532:65532
ENTRYPOINT ["python", "-m", "mirror"]
