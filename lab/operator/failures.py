"""Failures as Strimzi reports them: conditions carry the simple name of a Java exception and its message."""

_RESOURCE = "io.strimzi.operator.common.model.InvalidResourceException"
_CONFIGURATION = "io.strimzi.operator.common.InvalidConfigurationException"
_PARAMETER = "io.strimzi.operator.common.model.InvalidConfigParameterException"
_CERTIFICATE = "io.strimzi.operator.user.model.InvalidCertificateException"
_RECONCILIATION = "io.strimzi.operator.common.ReconciliationException"
_TIMEOUT = "io.strimzi.operator.common.StrimziTimeoutException"
_COMPLETION = "java.util.concurrent.CompletionException"
_EXECUTION = "java.util.concurrent.ExecutionException"


class Failure(Exception):
    """What Strimzi would have thrown: the Java class and the message (None when Java has none)."""

    def __init__(self, java_class: str, message: str | None) -> None:
        super().__init__(message or java_class)
        self.java_class = java_class
        self.message = message

    @property
    def reason(self) -> str:
        """The `reason` of a condition (StatusUtils.buildCondition)."""
        return self.java_class.rpartition(".")[2]

    @property
    def as_java_string(self) -> str:
        """Throwable.toString()."""
        return self.java_class if self.message is None else f"{self.java_class}: {self.message}"

    def wrapped(self) -> "Failure":
        """As a CompletableFuture chain hands it on."""
        return Failure(_COMPLETION, self.as_java_string)


def invalid_resource(message: str) -> Failure:
    """Strimzi's InvalidResourceException."""
    return Failure(_RESOURCE, message)


def invalid_configuration(message: str) -> Failure:
    """Strimzi's InvalidConfigurationException."""
    return Failure(_CONFIGURATION, message)


def invalid_parameter(key: str, message: str) -> Failure:
    """Strimzi's InvalidConfigParameterException."""
    return Failure(_PARAMETER, f"{key}: {message}")


def invalid_certificate(message: str) -> Failure:
    """The exception for a certificate or a key that cannot be used."""
    return Failure(_CERTIFICATE, message)


def illegal_argument(message: str) -> Failure:
    """Java's IllegalArgumentException."""
    return Failure("java.lang.IllegalArgumentException", message)


def runtime(message: str) -> Failure:
    """Java's RuntimeException."""
    return Failure("java.lang.RuntimeException", message)


def no_stack_trace(message: str) -> Failure:
    """A Vert.x future that failed with a text only."""
    return Failure("io.vertx.core.impl.NoStackTraceThrowable", message)


def timed_out(seconds: float, what: str) -> Failure:
    """VertxUtil.waitFor gave up waiting for `what` to be ready."""
    return Failure(
        _TIMEOUT, f"Exceeded timeout of {round(seconds * 1000)}ms while waiting for {what} to be ready"
    )


def execution(cause: Failure) -> Failure:
    """What UserControllerLoop sees of a failed reconciliation of a KafkaUser."""
    return Failure(_EXECUTION, cause.as_java_string)


def reconciliation(cause: Failure) -> Failure:
    """What KafkaUserOperator throws when the KafkaUser itself makes no sense."""
    return Failure(_RECONCILIATION, cause.as_java_string)
