// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {ERC721Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC721/ERC721Upgradeable.sol";
import {Governed} from "../common/Governed.sol";
import {IERC5192} from "./IERC5192.sol";
import {IManufacturerRegistry} from "./IManufacturerRegistry.sol";
import {LicenceStates} from "./LicenceStates.sol";

/// @title Licences of the makers of Miners
contract ManufacturerRegistry is IManufacturerRegistry, IERC5192, Governed, ERC721Upgradeable {
    using SafeERC20 for IERC20;
    using Checkpoints for Checkpoints.Trace208;

    /// @notice How long a bond stays slashable after exit or revocation.
    uint40 public constant EXIT_PERIOD_SECONDS = LicenceStates.EXIT_PERIOD_SECONDS;
    uint40 public constant GUARDIAN_SUSPENSION_SECONDS_MAX = LicenceStates.GUARDIAN_SUSPENSION_SECONDS_MAX;

    /// @dev `status` is the last one set; `_current` applies the time that has passed since.
    struct LicenceRecord {
        LicenceStatus status;
        bool guardianUsed;
        uint32 deviceCap;
        uint40 until;
        uint96 bond;
        uint96 bondRequired;
        string name;
        bytes attestationSigner;
        /// Values are packed by LicenceStates.
        Checkpoints.Trace208 history;
    }

    /// @custom:storage-location erc7201:dimo.storage.ManufacturerRegistry
    struct Layout {
        IERC20 bondToken;
        address treasury;
        uint32 licenceCount;
        mapping(uint256 id => LicenceRecord) licences;
        mapping(address verifier => bool) verifiers;
        mapping(bytes32 certificateKey => bytes32 auditHash) certificates;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.ManufacturerRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xd96b8dc645e0c97a934a7832cdd89cbfd3a9b0bc06e1d3c18503f023589a5900;

    /// @param authority_ AccessManager.
    /// @param bondToken_ ERC-20 in which bonds are posted.
    /// @param treasury_ Receives slashed bonds.
    function initialize(address authority_, address bondToken_, address treasury_) external initializer {
        __Governed_init(authority_);
        __ERC721_init("DIMO Manufacturer Licence", "DML");
        Layout storage $ = _layout();
        $.bondToken = IERC20(bondToken_);
        $.treasury = treasury_;
    }

    /// @inheritdoc IManufacturerRegistry
    function grant(
        address owner,
        string calldata name_,
        uint96 bondRequired,
        uint32 deviceCap,
        bytes calldata attestationSigner
    ) external restricted returns (uint256 id) {
        _checkSigner(attestationSigner);
        Layout storage $ = _layout();
        id = ++$.licenceCount;
        LicenceRecord storage licence = $.licences[id];
        licence.status = LicenceStatus.Granted;
        licence.deviceCap = deviceCap;
        licence.bondRequired = bondRequired;
        licence.name = name_;
        licence.attestationSigner = attestationSigner;
        _mint(owner, id);
        emit Locked(id);
        emit LicenceGranted(id, owner, name_, bondRequired, deviceCap, attestationSigner);
        if (bondRequired == 0) _activate(id, licence, _next(id, licence, LicenceStates.Step.PostBond));
    }

    /// @inheritdoc IManufacturerRegistry
    function postBond(uint256 id) external {
        LicenceRecord storage licence = _ownedBy(id, msg.sender);
        LicenceStatus status = _next(id, licence, LicenceStates.Step.PostBond, true);
        uint96 amount = licence.bondRequired - licence.bond;
        licence.bond = licence.bondRequired;
        emit BondPosted(id, amount, licence.bond);
        _activate(id, licence, status);
        _layout().bondToken.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IManufacturerRegistry
    function suspend(uint256 id, string calldata reason) external restricted {
        LicenceRecord storage licence = _licence(id);
        _set(licence, _next(id, licence, LicenceStates.Step.Suspend), 0);
        emit LicenceSuspended(id, 0, reason);
    }

    /// @inheritdoc IManufacturerRegistry
    function guardianSuspend(uint256 id, uint40 durationSeconds, string calldata reason) external restricted {
        LicenceRecord storage licence = _licence(id);
        LicenceStatus status = _next(id, licence, LicenceStates.Step.GuardianSuspend);
        uint40 until = LicenceStates.guardianUntil(id, licence.guardianUsed, durationSeconds, block.timestamp);
        licence.guardianUsed = true;
        _set(licence, status, until);
        emit LicenceSuspended(id, until, reason);
    }

    /// @inheritdoc IManufacturerRegistry
    function reinstate(uint256 id) external restricted {
        LicenceRecord storage licence = _licence(id);
        LicenceStatus status = _next(id, licence, LicenceStates.Step.Reinstate);
        _set(licence, status, 0);
        emit LicenceReinstated(id, status);
    }

    /// @inheritdoc IManufacturerRegistry
    function revoke(uint256 id, string calldata reason) external restricted {
        LicenceRecord storage licence = _licence(id);
        LicenceStatus status = _next(id, licence, LicenceStates.Step.Revoke);
        uint40 bondFreeAt = uint40(block.timestamp) + EXIT_PERIOD_SECONDS;
        _set(licence, status, bondFreeAt);
        emit LicenceRevoked(id, bondFreeAt, reason);
    }

    /// @inheritdoc IManufacturerRegistry
    function slash(uint256 id, uint96 amount, string calldata reason) external restricted {
        LicenceRecord storage licence = _licence(id);
        _require(id, licence, !_bondFree(licence));
        if (amount == 0 || amount > licence.bond) revert BondAmountInvalid(id, amount, licence.bond);
        // The step is taken from where time has led with the bond still whole: the smaller bond must not rewrite that.
        uint40 until = _current(licence) == licence.status ? licence.until : 0;
        // No bond exceeds its requirement, so what is left of one never meets it.
        LicenceStatus status = _next(id, licence, LicenceStates.Step.Slash, false);
        licence.bond -= amount;
        _set(licence, status, until);
        emit BondSlashed(id, amount, licence.bond, reason);
        Layout storage $ = _layout();
        $.bondToken.safeTransfer($.treasury, amount);
    }

    /// @inheritdoc IManufacturerRegistry
    function exit(uint256 id) external {
        LicenceRecord storage licence = _ownedBy(id, msg.sender);
        LicenceStatus status = _next(id, licence, LicenceStates.Step.Exit);
        uint40 exitedAt = uint40(block.timestamp) + EXIT_PERIOD_SECONDS;
        _set(licence, status, exitedAt);
        emit LicenceExiting(id, exitedAt);
    }

    /// @inheritdoc IManufacturerRegistry
    function withdrawBond(uint256 id) external {
        LicenceRecord storage licence = _licence(id);
        if (!_bondFree(licence)) revert BondLocked(id, licence.until);
        uint96 amount = licence.bond;
        if (amount == 0) revert BondAmountInvalid(id, 1, 0);
        licence.bond = 0;
        address owner = _ownerOf(id);
        emit BondWithdrawn(id, owner, amount);
        _layout().bondToken.safeTransfer(owner, amount);
    }

    /// @inheritdoc IManufacturerRegistry
    function setDeviceCap(uint256 id, uint32 deviceCap) external restricted {
        _licence(id).deviceCap = deviceCap;
        emit DeviceCapSet(id, deviceCap);
    }

    /// @inheritdoc IManufacturerRegistry
    function setAttestationSigner(uint256 id, bytes calldata attestationSigner) external {
        LicenceRecord storage licence = _ownedBy(id, msg.sender);
        _checkSigner(attestationSigner);
        licence.attestationSigner = attestationSigner;
        emit AttestationSignerSet(id, attestationSigner);
    }

    /// @inheritdoc IManufacturerRegistry
    function setVerifier(address verifier, bool listed) external restricted {
        _layout().verifiers[verifier] = listed;
        emit VerifierSet(verifier, listed);
    }

    /// @inheritdoc IManufacturerRegistry
    function certify(uint256 id, bytes32 modelId, bytes32 imageHash, bytes32 auditHash) external restricted {
        _licence(id);
        if (auditHash == 0) revert CertificateUnknown(id, modelId, imageHash);
        _layout().certificates[_certificateKey(id, modelId, imageHash)] = auditHash;
        emit ModelCertified(id, modelId, imageHash, auditHash);
    }

    /// @inheritdoc IManufacturerRegistry
    function withdrawCertificate(uint256 id, bytes32 modelId, bytes32 imageHash) external restricted {
        bytes32 key = _certificateKey(id, modelId, imageHash);
        Layout storage $ = _layout();
        if ($.certificates[key] == 0) revert CertificateUnknown(id, modelId, imageHash);
        delete $.certificates[key];
        emit CertificateWithdrawn(id, modelId, imageHash);
    }

    /// @inheritdoc IManufacturerRegistry
    function isActive(uint256 id) external view returns (bool) {
        LicenceRecord storage licence = _layout().licences[id];
        return LicenceStates.counts(_current(licence), _bonded(licence));
    }

    /// @inheritdoc IManufacturerRegistry
    function isActiveAt(uint256 id, uint48 timestamp) external view returns (bool) {
        return LicenceStates.countedAt(_layout().licences[id].history.upperLookupRecent(timestamp), timestamp);
    }

    /// @inheritdoc IManufacturerRegistry
    function statusOf(uint256 id) external view returns (LicenceStatus) {
        return _current(_layout().licences[id]);
    }

    /// @inheritdoc IManufacturerRegistry
    function licenceOf(uint256 id) external view returns (Licence memory) {
        LicenceRecord storage licence = _layout().licences[id];
        LicenceStatus status = _current(licence);
        return
            Licence({
                status: status,
                deviceCap: licence.deviceCap,
                until: status == licence.status ? licence.until : 0,
                guardianUsed: licence.guardianUsed,
                bond: licence.bond,
                bondRequired: licence.bondRequired,
                owner: _ownerOf(id),
                name: licence.name,
                attestationSigner: licence.attestationSigner
            });
    }

    /// @inheritdoc IManufacturerRegistry
    function enrolmentTerms(
        uint256 id
    ) external view returns (LicenceStatus status, uint32 deviceCap, bytes memory attestationSigner) {
        LicenceRecord storage licence = _layout().licences[id];
        bytes memory signer = licence.attestationSigner;
        bool usable = signer.length <= 20 || _layout().verifiers[address(bytes20(signer))];
        return (_current(licence), licence.deviceCap, usable ? signer : bytes(""));
    }

    /// @inheritdoc IManufacturerRegistry
    function certificateOf(uint256 id, bytes32 modelId, bytes32 imageHash) external view returns (bytes32) {
        return _layout().certificates[_certificateKey(id, modelId, imageHash)];
    }

    /// @inheritdoc IManufacturerRegistry
    function isVerifier(address verifier) external view returns (bool) {
        return _layout().verifiers[verifier];
    }

    /// @inheritdoc IManufacturerRegistry
    function licenceCount() external view returns (uint256) {
        return _layout().licenceCount;
    }

    /// @inheritdoc IERC5192
    function locked(uint256 id) external view returns (bool) {
        _requireOwned(id);
        return true;
    }

    /// @notice Address of the ERC-20 in which bonds are posted.
    function bondToken() external view returns (address) {
        return address(_layout().bondToken);
    }

    /// @notice Where slashed bonds go.
    function treasury() external view returns (address) {
        return _layout().treasury;
    }

    /// @inheritdoc ERC721Upgradeable
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev Only minting passes: a licence is a holder's own, by vote.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from != address(0)) revert LicenceNotTransferable(id);
    }

    function _activate(uint256 id, LicenceRecord storage licence, LicenceStatus status) private {
        _set(licence, status, 0);
        emit LicenceActivated(id);
    }

    /// @dev The one place that writes a status, so that the history can't miss one.
    function _set(LicenceRecord storage licence, LicenceStatus status, uint40 until) private {
        licence.status = status;
        licence.until = until;
        licence.history.push(uint48(block.timestamp), LicenceStates.pack(status, until, _bonded(licence)));
    }

    function _next(
        uint256 id,
        LicenceRecord storage licence,
        LicenceStates.Step step
    ) private view returns (LicenceStatus) {
        return _next(id, licence, step, _bonded(licence));
    }

    /// @param bonded Whether the bond is whole once the step has moved it.
    function _next(
        uint256 id,
        LicenceRecord storage licence,
        LicenceStates.Step step,
        bool bonded
    ) private view returns (LicenceStatus status) {
        status = LicenceStates.next(step, _current(licence), bonded, licence.until != 0);
        _require(id, licence, status != LicenceStatus.None);
    }

    function _current(LicenceRecord storage licence) private view returns (LicenceStatus) {
        uint40 until = licence.until;
        // The bond is read only where it matters, which spares an enrolment a slot.
        return LicenceStates.current(licence.status, until, until != 0 && _bonded(licence), block.timestamp);
    }

    function _bonded(LicenceRecord storage licence) private view returns (bool) {
        return licence.bond >= licence.bondRequired;
    }

    function _bondFree(LicenceRecord storage licence) private view returns (bool) {
        return LicenceStates.isBondFree(licence.status, licence.until, block.timestamp);
    }

    function _licence(uint256 id) private view returns (LicenceRecord storage licence) {
        licence = _layout().licences[id];
        _require(id, licence, licence.status != LicenceStatus.None);
    }

    function _ownedBy(uint256 id, address caller) private view returns (LicenceRecord storage licence) {
        licence = _licence(id);
        if (_ownerOf(id) != caller) revert NotLicenceOwner(id, caller);
    }

    function _require(uint256 id, LicenceRecord storage licence, bool allowed) private view {
        if (!allowed) revert LicenceStatusRefused(id, _current(licence));
    }

    function _checkSigner(bytes calldata signer) private view {
        if (signer.length < 20 || address(bytes20(signer)) == address(0)) revert AttestationSignerInvalid(signer);
        address verifier = address(bytes20(signer));
        if (signer.length > 20 && !_layout().verifiers[verifier]) revert VerifierNotListed(verifier);
    }

    function _certificateKey(uint256 id, bytes32 modelId, bytes32 imageHash) private pure returns (bytes32) {
        return keccak256(abi.encode(id, modelId, imageHash));
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
