// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Licences of the makers of Miners
 * @notice A licence is an ERC-721 token that can't be transferred (ERC-5192). Its states, and who moves them:
 *
 *     None --grant(DIP)--> Granted --postBond(owner)--> Active          a grant that asks no bond is Active at once
 *     Active, Exiting --suspend(DIP), guardianSuspend(guardian)--> Suspended --reinstate(DIP)--> Active or Granted
 *     Granted, Active --exit(owner)--> Exiting --180 days--> Exited     any but Exited --revoke(DIP)--> Revoked
 *     Active --slash(DIP) below the requirement--> Granted
 *
 * A guardian's suspension ends by itself after at most 14 days, and each licence can be suspended that way only once.
 * Times that pass by themselves (that end, and Exiting -> Exited) need no transaction: every view computes them.
 */
interface IManufacturerRegistry {
    enum LicenceStatus {
        None,
        Granted,
        Active,
        Suspended,
        Revoked,
        Exiting,
        Exited
    }

    /// @notice A licence as it stands now.
    /// @param status State at the current block's time.
    /// @param deviceCap How many devices may be enrolled at a time.
    /// @param until Unix time at which a guardian's suspension or the exit period ends, or a revoked bond is free; 0 otherwise.
    /// @param guardianUsed Whether the guardian's one suspension was used.
    /// @param bond Bond held, in base units of the bond token.
    /// @param bondRequired Requirement fixed when the licence was granted.
    /// @param owner Holder of the licence.
    /// @param name The maker's name, for people.
    /// @param attestationSigner Who signs enrolments: an address (20 bytes) or an ERC-7913 signer (verifier || key).
    struct Licence {
        LicenceStatus status;
        uint32 deviceCap;
        uint40 until;
        bool guardianUsed;
        uint96 bond;
        uint96 bondRequired;
        address owner;
        string name;
        bytes attestationSigner;
    }

    event LicenceGranted(
        uint256 indexed id,
        address indexed owner,
        string name,
        uint96 bondRequired,
        uint32 deviceCap,
        bytes attestationSigner
    );
    event LicenceActivated(uint256 indexed id);
    event BondPosted(uint256 indexed id, uint96 amount, uint96 bond);
    event BondSlashed(uint256 indexed id, uint96 amount, uint96 bond, string reason);
    event BondWithdrawn(uint256 indexed id, address indexed owner, uint96 amount);
    /// @param until 0 when only a DIP ends the suspension.
    event LicenceSuspended(uint256 indexed id, uint40 until, string reason);
    event LicenceReinstated(uint256 indexed id, LicenceStatus status);
    event LicenceRevoked(uint256 indexed id, uint40 bondFreeAt, string reason);
    event LicenceExiting(uint256 indexed id, uint40 exitedAt);
    event DeviceCapSet(uint256 indexed id, uint32 deviceCap);
    event AttestationSignerSet(uint256 indexed id, bytes attestationSigner);
    event VerifierSet(address indexed verifier, bool listed);
    event ModelCertified(uint256 indexed id, bytes32 indexed modelId, bytes32 indexed imageHash, bytes32 auditHash);
    event CertificateWithdrawn(uint256 indexed id, bytes32 indexed modelId, bytes32 indexed imageHash);

    /// @notice The licence is not in a state from which this step is allowed.
    error LicenceStatusRefused(uint256 id, LicenceStatus status);
    error LicenceNotTransferable(uint256 id);
    error NotLicenceOwner(uint256 id, address caller);
    error GuardianSuspensionUsed(uint256 id);
    error SuspensionDurationInvalid(uint256 durationSeconds, uint256 durationSecondsMax);
    error BondAmountInvalid(uint256 id, uint256 amount, uint256 bond);
    error BondLocked(uint256 id, uint256 freeAt);
    /// @notice A signer is an address that is not zero, or a listed verifier's address followed by a key.
    error AttestationSignerInvalid(bytes signer);
    error VerifierNotListed(address verifier);
    error CertificateUnknown(uint256 id, bytes32 modelId, bytes32 imageHash);

    /// @notice Grants a licence. Restricted.
    /// @param owner Holder; receives the bond back.
    /// @param name The maker's name.
    /// @param bondRequired Base units of the bond token; 0 makes the licence Active at once.
    /// @param deviceCap How many devices may be enrolled at a time.
    /// @param attestationSigner Address (20 bytes, ECDSA or ERC-1271) or ERC-7913 signer.
    /// @return id Licences count from 1.
    function grant(
        address owner,
        string calldata name,
        uint96 bondRequired,
        uint32 deviceCap,
        bytes calldata attestationSigner
    ) external returns (uint256 id);

    /// @notice The owner pays what the bond lacks (allowance needed), which makes the licence Active.
    function postBond(uint256 id) external;

    /// @notice Stops the whole fleet until reinstated. Restricted. Makes a guardian's suspension lasting.
    function suspend(uint256 id, string calldata reason) external;

    /// @notice Stops the whole fleet for at most 14 days, once per licence. Restricted to the guardian's role.
    function guardianSuspend(uint256 id, uint40 durationSeconds, string calldata reason) external;

    /// @notice Ends a suspension: Active, or Granted where the bond was slashed meanwhile. Restricted.
    function reinstate(uint256 id) external;

    /// @notice Ends a licence for good; what is left of the bond stays slashable for 180 days. Restricted.
    function revoke(uint256 id, string calldata reason) external;

    /// @notice Moves a part of the bond to the treasury, until the owner may withdraw it. Restricted.
    function slash(uint256 id, uint96 amount, string calldata reason) external;

    /// @notice The owner gives the licence up: no new devices; the fleet counts, and the bond is held, 180 days more.
    function exit(uint256 id) external;

    /// @notice Returns the bond to the owner, 180 days after exit or revocation. Anyone may call.
    function withdrawBond(uint256 id) external;

    function setDeviceCap(uint256 id, uint32 deviceCap) external;

    /// @notice The owner rotates the key that signs enrolments.
    function setAttestationSigner(uint256 id, bytes calldata attestationSigner) external;

    /// @notice Lists or delists an ERC-7913 verifier contract for attestation signers. Restricted.
    function setVerifier(address verifier, bool listed) external;

    /// @notice Records that an image of a model was audited. Restricted.
    /// @param modelId As named in enrolments.
    /// @param imageHash SHA-256 of the firmware image.
    /// @param auditHash SHA-256 of the audit document; not zero.
    function certify(uint256 id, bytes32 modelId, bytes32 imageHash, bytes32 auditHash) external;

    function withdrawCertificate(uint256 id, bytes32 modelId, bytes32 imageHash) external;

    /// @notice Whether packs of this licence's devices count now: Active, or Exiting with its bond whole.
    function isActive(uint256 id) external view returns (bool);

    /// @notice Same as `isActive`, at a past moment.
    /// @param timestamp Unix seconds, not in the future.
    function isActiveAt(uint256 id, uint48 timestamp) external view returns (bool);

    function statusOf(uint256 id) external view returns (LicenceStatus);

    function licenceOf(uint256 id) external view returns (Licence memory);

    /// @notice What the MinerRegistry needs to enrol a device.
    /// @return status New devices need Active.
    /// @return deviceCap How many devices may be enrolled at a time.
    /// @return attestationSigner Empty where its verifier is no longer listed.
    function enrolmentTerms(
        uint256 id
    ) external view returns (LicenceStatus status, uint32 deviceCap, bytes memory attestationSigner);

    /// @return The audit document's SHA-256, or zero when the image is not certified.
    function certificateOf(uint256 id, bytes32 modelId, bytes32 imageHash) external view returns (bytes32);

    function isVerifier(address verifier) external view returns (bool);

    function licenceCount() external view returns (uint256);
}
